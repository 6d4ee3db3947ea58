#include "drivers/tmp102.hpp"

namespace signalbox::drivers {
namespace {

// The places of the settings.
constexpr std::size_t kBus = 0;
constexpr std::size_t kAddress = 1;
constexpr std::size_t kPeriod = 2;

constexpr std::uint8_t kTemperatureRegister = 0x00;
constexpr double kCelsiusPerStep = 0.0625;
constexpr Duration kPatience = from_ms(100);

std::string_view fault_of(hal::Completion completion) {
  switch (completion) {
    case hal::Completion::no_reply: return "no reply";
    case hal::Completion::timed_out: return "bus stuck or busy";
    default: return "bus refused";
  }
}

}  // namespace

Tmp102::Tmp102(const device::PartSetup& setup) : cadence_{setup.settings.period(kPeriod)} {
  const auto bus = static_cast<std::size_t>(setup.settings.number(kBus));
  if (bus < setup.ports.i2c_buses.size()) bus_ = setup.ports.i2c_buses[bus];
  transfer_.address = static_cast<std::uint8_t>(setup.settings.number(kAddress));
  transfer_.write[0] = kTemperatureRegister;  // the pointer register
  transfer_.write_bytes = 1;
  transfer_.read_bytes = 2;
}

Result<void> Tmp102::open() {
  if (bus_ == nullptr) return Error{Reason::not_found, "the board has no I2C bus of that number"};
  return {};
}

Instant Tmp102::do_step(Instant now, device::ReadingSink& sink) {
  if (hal::is_final(transfer_.completion)) take(now, sink);
  if (transfer_.completion == hal::Completion::pending) return kNever;
  if (!cadence_.is_due(now)) return cadence_.next();
  cadence_.begin(now);
  transfer_.deadline = now + kPatience;
  if (bus_->submit(transfer_)) return kNever;
  take(now, sink);
  return cadence_.next();
}

void Tmp102::take(Instant now, device::ReadingSink& sink) {
  if (transfer_.completion == hal::Completion::done) {
    cadence_.succeeded();
    sink.reading(0, celsius(transfer_.read[0], transfer_.read[1]));
  } else {
    cadence_.failed(now);
    sink.fault(0, fault_of(transfer_.completion));
  }
  transfer_.completion = hal::Completion::idle;
}

double Tmp102::celsius(std::uint8_t high, std::uint8_t low) {
  const auto word = static_cast<std::int16_t>(high << 8U | low);
  const bool is_extended = (low & 1U) != 0;  // 13 bits instead of 12
  return kCelsiusPerStep * (word >> (is_extended ? 3 : 4));
}

}  // namespace signalbox::drivers
