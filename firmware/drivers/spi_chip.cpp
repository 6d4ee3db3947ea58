#include "drivers/spi_chip.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace signalbox::drivers {
namespace {

// The places of the settings.
constexpr std::size_t kSpiChipBus = 0;
constexpr std::size_t kChipSelect = 1;
constexpr std::size_t kClock = 2;

}  // namespace

SpiChip::SpiChip(const device::PartSetup& setup, std::size_t ports, Duration period, std::uint8_t mode)
    : BusChip{ports, period, transfer_.completion},
      bus_number_{static_cast<int>(setup.settings.number(kSpiChipBus))} {
  const auto bus = static_cast<std::size_t>(bus_number_);
  if (bus < setup.ports.spi_buses.size()) bus_ = setup.ports.spi_buses[bus];
  transfer_.chip_select = static_cast<std::uint8_t>(setup.settings.number(kChipSelect));
  transfer_.mode = mode;
  transfer_.clock_hz = static_cast<std::uint32_t>(setup.settings.number(kClock));
}

Result<void> SpiChip::open() {
  if (bus_ == nullptr) return Error{Reason::not_found, "the board has no SPI bus of that number"};
  return {};
}

void SpiChip::exchange(std::initializer_list<std::uint8_t> bytes) {
  SIGNALBOX_CHECK(bytes.size() <= transfer_.write.size());
  std::copy(bytes.begin(), bytes.end(), transfer_.write.begin());
  transfer_.bytes = static_cast<std::uint8_t>(bytes.size());
  go_on();
}

void SpiChip::do_submit(Instant deadline) {
  transfer_.deadline = deadline;
  (void)bus_->submit(transfer_);
}

FixedText<63> SpiChip::do_place() const {
  return format_text<63>("SPI bus %d, chip select %u", bus_number_,
                         static_cast<unsigned>(transfer_.chip_select));
}

}  // namespace signalbox::drivers
