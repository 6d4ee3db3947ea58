#include "drivers/i2c_chip.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace signalbox::drivers {
namespace {

// The places of the settings.
constexpr std::size_t kI2cChipBus = 0;
constexpr std::size_t kAddress = 1;

}  // namespace

I2cChip::I2cChip(const device::PartSetup& setup, std::size_t ports, Duration period)
    : BusChip{ports, period, transfer_.completion},
      bus_number_{static_cast<int>(setup.settings.number(kI2cChipBus))} {
  const auto bus = static_cast<std::size_t>(bus_number_);
  if (bus < setup.ports.i2c_buses.size()) bus_ = setup.ports.i2c_buses[bus];
  transfer_.address = static_cast<std::uint8_t>(setup.settings.number(kAddress));
}

Result<void> I2cChip::open() {
  if (bus_ == nullptr) return Error{Reason::not_found, "the board has no I2C bus of that number"};
  return {};
}

void I2cChip::read(std::uint8_t from, std::uint8_t bytes, Duration after) {
  SIGNALBOX_CHECK(bytes <= transfer_.read.size());
  transfer_.write[0] = from;
  transfer_.write_bytes = 1;
  transfer_.read_bytes = bytes;
  go_on(after);
}

void I2cChip::write(std::uint8_t to, std::initializer_list<std::uint8_t> bytes) {
  SIGNALBOX_CHECK(bytes.size() < transfer_.write.size());
  transfer_.write[0] = to;
  std::copy(bytes.begin(), bytes.end(), transfer_.write.begin() + 1);
  transfer_.write_bytes = static_cast<std::uint8_t>(1 + bytes.size());
  transfer_.read_bytes = 0;
  go_on();
}

void I2cChip::write_word(std::uint8_t to, std::uint16_t word) {
  write(to, {static_cast<std::uint8_t>(word >> 8U), static_cast<std::uint8_t>(word & 0xFFU)});
}

void I2cChip::do_submit(Instant deadline) {
  transfer_.deadline = deadline;
  (void)bus_->submit(transfer_);
}

FixedText<63> I2cChip::do_place() const {
  const unsigned address = transfer_.address;
  return format_text<63>("I2C bus %d, address %u (0x%02x)", bus_number_, address, address);
}

}  // namespace signalbox::drivers
