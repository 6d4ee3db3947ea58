#include "drivers/servo.hpp"

namespace signalbox::drivers {
namespace {

// The places of the settings.
constexpr std::size_t kServoOutput = 0;
constexpr std::size_t kMinUs = 1;
constexpr std::size_t kMaxUs = 2;
constexpr std::size_t kRestMs = 3;
constexpr std::size_t kServoPeriod = 4;

constexpr std::uint32_t kFrequencyHz = 50;
constexpr double kFrameUs = 1e6 / kFrequencyHz;
constexpr double kDegrees = 180.0;
constexpr Duration kServoPatience = from_ms(1000);

}  // namespace

Servo::Servo(const device::PartSetup& setup)
    : PwmActuator{setup, setup.settings.text(kServoOutput), kFrequencyHz, setup.settings.period(kServoPeriod),
                  kDegrees},
      min_us_{setup.settings.number(kMinUs)},
      max_us_{setup.settings.number(kMaxUs)},
      rest_after_{setup.settings.period(kRestMs)} {}

double Servo::do_duty(double angle) const {
  return (min_us_ + (max_us_ - min_us_) * angle / kDegrees) / kFrameUs;
}

bool Servo::do_is_quiet() const {
  return PwmActuator::do_is_quiet() && rest_.completion != hal::Completion::pending;
}

void Servo::do_drive(const device::Value& value, Instant deadline) {
  pwm().withdraw(rest_);
  is_resting_ = false;
  rest_at_ = kNever;
  PwmActuator::do_drive(value, deadline);
}

void Servo::rest(Instant now) {
  if (is_resting_ && hal::is_final(rest_.completion) && rest_.completion != hal::Completion::done) {
    is_resting_ = false;
    rest_at_ = kNever;
  }
  if (rest_.completion == hal::Completion::pending) return;
  if (is_resting_ && pwm().holds(output()) == hal::PwmHolds::safe) {  // it was woken
    is_resting_ = false;
    rest_at_ = kNever;
  }
  if (rest_at_ == kNever) rest_at_ = now + rest_after_;
  if (is_resting_ || now < rest_at_) return;
  is_resting_ = true;
  rest_.duty = 0.0;
  rest_.deadline = now + kServoPatience;
  pwm().write(output(), rest_);
}

Instant Servo::do_step(Instant now, device::ReadingSink& sink) {
  const Instant next = PwmActuator::do_step(now, sink);
  if (rest_after_ == Duration{0} || !PwmActuator::do_is_quiet()) return next;
  rest(now);
  return is_resting_ ? next : std::min(next, rest_at_);
}

}  // namespace signalbox::drivers
