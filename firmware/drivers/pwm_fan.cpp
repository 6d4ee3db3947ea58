#include "drivers/pwm_fan.hpp"

#include <algorithm>

namespace signalbox::drivers {
namespace {

// The places of the settings.
constexpr std::size_t kOutput = 0;
constexpr std::size_t kFrequency = 1;
constexpr std::size_t kPeriod = 2;
constexpr std::size_t kTachometer = 3;
constexpr std::size_t kPerRevolution = 4;
constexpr std::size_t kBias = 5;

constexpr double kPercent = 100.0;
constexpr double kSecondsPerMinute = 60.0;
/// Slower than 30 revolutions per minute no fan turns.
constexpr Duration kStandstill = from_ms(1000);

double percent_of(const device::Value& value) { return std::clamp(device::as_number(value), 0.0, kPercent); }

}  // namespace

PwmFan::PwmFan(const device::PartSetup& setup)
    : pwm_{setup.ports.pwm},
      name_{setup.settings.text(kOutput)},
      frequency_hz_{static_cast<std::uint32_t>(setup.settings.number(kFrequency))},
      has_tachometer_{!setup.settings.text(kTachometer).empty()},
      tachometer_{setup.ports.digital,
                  setup.settings.text(kTachometer),
                  {.bias = bias_of(setup.settings.text(kBias)), .edges = hal::Edges::falling},
                  kStandstill},
      per_revolution_{setup.settings.number(kPerRevolution)},
      cadence_{setup.settings.period(kPeriod)},
      percent_{percent_of(setup.initial)},
      asked_percent_{percent_} {}

PwmFan::~PwmFan() {
  if (output_ != hal::Pwm::kNoOutput) pwm_->release(output_);
}

Result<void> PwmFan::open() {
  if (pwm_ != nullptr) output_ = pwm_->claim(name_, frequency_hz_, percent_ / kPercent);
  if (output_ != hal::Pwm::kNoOutput) return has_tachometer_ ? tachometer_.open() : Result<void>{};
  return Error{Reason::not_found, format_text<95>("no free PWM output \"%s\" on this board", name_.c_str())};
}

void PwmFan::do_drive(const device::Value& value, Instant deadline) {
  asked_percent_ = percent_of(value);  // kept as asked: 55 / 100 * 100 is not 55
  write_.duty = asked_percent_ / kPercent;
  write_.deadline = deadline;
  write_taken_ = false;
  pwm_->write(output_, write_);
}

Instant PwmFan::do_step(Instant now, device::ReadingSink& sink) {
  const bool written = !write_taken_ && hal::is_final(write_.completion);
  if (written) take_write();
  if (tachometer_.take()) tell_speed(sink);
  if (!written && !cadence_.is_due(now)) return cadence_.next();
  if (cadence_.is_due(now)) {
    cadence_.begin(now);
    if (has_tachometer_ && !tachometer_.is_pending()) tachometer_.ask(now);
    if (tachometer_.take()) tell_speed(sink);
  }
  if (is_known_)
    sink.reading(0, percent_);
  else
    sink.fault(0, "output not writable");
  return cadence_.next();
}

void PwmFan::tell_speed(device::ReadingSink& sink) {
  if (tachometer_.fault().empty())
    sink.reading(1, tachometer_.per_second() * kSecondsPerMinute / per_revolution_);
  else
    sink.fault(1, tachometer_.fault());
}

void PwmFan::take_write() {
  write_taken_ = true;
  if (write_.completion == hal::Completion::done) {
    percent_ = asked_percent_;
    is_known_ = true;
  } else if (write_.completion == hal::Completion::failed) {
    is_known_ = false;
  }
}

}  // namespace signalbox::drivers
