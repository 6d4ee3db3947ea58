#include "drivers/i2c_chip.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace signalbox::drivers {
namespace {

// The places of the settings.
constexpr std::size_t kBus = 0;
constexpr std::size_t kAddress = 1;

constexpr Duration kPatience = from_ms(100);  // of each transfer

std::string_view fault_of(hal::Completion completion) {
  switch (completion) {
    case hal::Completion::no_reply: return "no reply";
    case hal::Completion::timed_out: return "bus stuck or busy";
    default: return "bus refused";
  }
}

}  // namespace

I2cChip::I2cChip(const device::PartSetup& setup, std::size_t ports, Duration period)
    : bus_number_{static_cast<int>(setup.settings.number(kBus))},
      ports_{static_cast<std::uint8_t>(ports)},
      cadence_{period} {
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
  rest_ = after;
  goes_on_ = true;
}

void I2cChip::write(std::uint8_t to, std::initializer_list<std::uint8_t> bytes) {
  SIGNALBOX_CHECK(bytes.size() < transfer_.write.size());
  transfer_.write[0] = to;
  std::copy(bytes.begin(), bytes.end(), transfer_.write.begin() + 1);
  transfer_.write_bytes = static_cast<std::uint8_t>(1 + bytes.size());
  transfer_.read_bytes = 0;
  rest_ = {};
  goes_on_ = true;
}

void I2cChip::write_word(std::uint8_t to, std::uint16_t word) {
  write(to, {static_cast<std::uint8_t>(word >> 8U), static_cast<std::uint8_t>(word & 0xFFU)});
}

Instant I2cChip::do_step(Instant now, device::ReadingSink& sink) {
  for (;;) {
    if (hal::is_final(transfer_.completion)) take(now, sink);
    if (transfer_.completion == hal::Completion::pending) return kNever;
    if (!is_measuring_) {
      if (!cadence_.is_due(now)) return cadence_.next();
      begin(now);
    }
    if (now < goes_on_at_) return goes_on_at_;
    transfer_.deadline = now + kPatience;
    (void)bus_->submit(transfer_);  // where it is refused, that is how it ended
  }
}

void I2cChip::begin(Instant now) {
  cadence_.begin(now);
  is_measuring_ = true;
  do_begin(std::exchange(is_afresh_, false));
  goes_on_at_ = now + rest_;
}

void I2cChip::take(Instant now, device::ReadingSink& sink) {
  const hal::Completion ended = std::exchange(transfer_.completion, hal::Completion::idle);
  goes_on_ = has_failed_ = false;
  if (ended == hal::Completion::done)
    do_go_on(sink);
  else
    fail(fault_of(ended));
  if (goes_on_ && !has_failed_) {
    goes_on_at_ = now + rest_;
    return;
  }
  is_measuring_ = false;
  is_afresh_ = has_failed_;
  if (has_failed_) {
    cadence_.failed(now);
    for (std::uint8_t port = 0; port < ports_; ++port) sink.fault(port, trouble_);
    return;
  }
  cadence_.succeeded();
  if (trouble_.empty()) return;
  trouble_ = {};
  tell(Severity::info, "it measures");
}

void I2cChip::fail(std::string_view why) {
  has_failed_ = true;
  if (why == trouble_.view()) return;
  trouble_ = why;
  tell(Severity::warning, trouble_.c_str());
}

void I2cChip::tell(Severity severity, const char* what) const {
  const unsigned address = transfer_.address;
  log(severity, "I2C bus %d, address %u (0x%02x): %s", bus_number_, address, address, what);
}

}  // namespace signalbox::drivers
