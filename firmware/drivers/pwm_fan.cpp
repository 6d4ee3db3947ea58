#include "drivers/pwm_fan.hpp"

#include <algorithm>

namespace signalbox::drivers {
namespace {

// The places of the settings.
constexpr std::size_t kPwmFanOutput = 0;
constexpr std::size_t kFrequency = 1;
constexpr std::size_t kPwmFanPeriod = 2;
constexpr std::size_t kTachometer = 3;
constexpr std::size_t kPerRevolution = 4;
constexpr std::size_t kPwmFanBias = 5;

constexpr double kPercent = 100.0;
constexpr double kSecondsPerMinute = 60.0;
/// Slower than 30 revolutions per minute no fan turns.
constexpr Duration kPwmFanStandstill = from_ms(1000);

}  // namespace

PwmFan::PwmFan(const device::PartSetup& setup)
    : PwmActuator{setup, setup.settings.text(kPwmFanOutput),
                  static_cast<std::uint32_t>(setup.settings.number(kFrequency)),
                  setup.settings.period(kPwmFanPeriod), kPercent},
      has_tachometer_{!setup.settings.text(kTachometer).empty()},
      tachometer_{setup.ports.digital,
                  setup.settings.text(kTachometer),
                  {.bias = bias_of(setup.settings.text(kPwmFanBias)), .edges = hal::Edges::falling},
                  kPwmFanStandstill},
      per_revolution_{setup.settings.number(kPerRevolution)} {}

Result<void> PwmFan::open() {
  const Result<void> opened = PwmActuator::open();
  return opened && has_tachometer_ ? tachometer_.open() : opened;
}

double PwmFan::do_duty(double percent) const { return percent / kPercent; }

Instant PwmFan::do_step(Instant now, device::ReadingSink& sink) {
  if (tachometer_.take()) tell_speed(sink);
  if (is_due(now) && has_tachometer_ && !tachometer_.is_pending()) {
    tachometer_.ask(now);
    if (tachometer_.take()) tell_speed(sink);
  }
  return PwmActuator::do_step(now, sink);
}

void PwmFan::tell_speed(device::ReadingSink& sink) {
  if (tachometer_.fault().empty())
    sink.reading(1, tachometer_.per_second() * kSecondsPerMinute / per_revolution_);
  else
    sink.fault(1, tachometer_.fault());
}

}  // namespace signalbox::drivers
