#pragma once

#include <array>

#include "drivers/pwm_actuator.hpp"

namespace signalbox::drivers {

/// A fan with a PWM input (Intel's specification for four-wire fans: 25 kHz).
class PwmFan final : public PwmActuator {
 public:
  explicit PwmFan(const device::PartSetup& setup);

 private:
  double do_duty(double percent) const override;
};

inline constexpr std::array kPwmFanSettings{
    device::SettingSpec{.name = "output",
                        .kind = device::SettingSpec::Kind::text,
                        .help = "the board's name for the PWM output",
                        .required = true},
    device::SettingSpec{.name = "frequencyHz",
                        .kind = device::SettingSpec::Kind::integer,
                        .help = "of the PWM signal",
                        .min = 10.0,
                        .max = 100'000.0,
                        .fallback = 25'000.0},
    device::period_setting(1000),
};
inline constexpr std::array kPwmFanPorts{
    device::PortSpec{.name = "duty",
                     .unit = "%",
                     .min = 0.0,
                     .max = 100.0,
                     .is_output = true,
                     .deadline = from_ms(5000)},  // it may ramp
};
inline constexpr device::PartKind kPwmFan{.name = "pwmFan",
                                          .help = "a fan on a PWM output, in percent",
                                          .settings = kPwmFanSettings,
                                          .ports = kPwmFanPorts,
                                          .construct = &device::construct_part<PwmFan>};

}  // namespace signalbox::drivers
