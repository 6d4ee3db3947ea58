#include "drivers/analog_level.hpp"

namespace signalbox::drivers {
namespace {

// The places of the settings.
constexpr std::size_t kAnalogLevelInput = 0;
constexpr std::size_t kAnalogLevelPeriod = 1;

constexpr Duration kAnalogLevelPatience = from_ms(100);

}  // namespace

AnalogLevel::AnalogLevel(const device::PartSetup& setup)
    : analog_{setup.ports.analog},
      name_{setup.settings.text(kAnalogLevelInput)},
      cadence_{setup.settings.period(kAnalogLevelPeriod)} {}

AnalogLevel::~AnalogLevel() {
  if (input_ != hal::Analog::kNoInput) analog_->release(input_);
}

Result<void> AnalogLevel::open() {
  if (analog_ != nullptr) input_ = analog_->claim(name_);
  if (input_ != hal::Analog::kNoInput) return {};
  return Error{Reason::not_found,
               format_text<95>("no free analog input \"%s\" on this board", name_.c_str())};
}

Instant AnalogLevel::do_step(Instant now, device::ReadingSink& sink) {
  if (hal::is_final(reading_.completion)) take(now, sink);
  if (reading_.completion == hal::Completion::pending) return kNever;
  if (!cadence_.is_due(now)) return cadence_.next();
  cadence_.begin(now);
  reading_.deadline = now + kAnalogLevelPatience;
  analog_->read(input_, reading_);
  if (reading_.completion == hal::Completion::pending) return kNever;
  take(now, sink);
  return cadence_.next();
}

void AnalogLevel::take(Instant now, device::ReadingSink& sink) {
  if (reading_.completion == hal::Completion::done) {
    cadence_.succeeded();
    sink.reading(0, reading_.volts);
  } else {
    cadence_.failed(now);
    sink.fault(0, "input not readable");
  }
  reading_.completion = hal::Completion::idle;
}

}  // namespace signalbox::drivers
