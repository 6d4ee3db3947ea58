#include "drivers/pwm_fan.hpp"

namespace signalbox::drivers {
namespace {

// The places of the settings.
constexpr std::size_t kOutput = 0;
constexpr std::size_t kFrequency = 1;
constexpr std::size_t kPeriod = 2;

constexpr double kPercent = 100.0;

}  // namespace

PwmFan::PwmFan(const device::PartSetup& setup)
    : PwmActuator{setup, setup.settings.text(kOutput),
                  static_cast<std::uint32_t>(setup.settings.number(kFrequency)),
                  setup.settings.period(kPeriod), kPercent} {}

double PwmFan::do_duty(double percent) const { return percent / kPercent; }

}  // namespace signalbox::drivers
