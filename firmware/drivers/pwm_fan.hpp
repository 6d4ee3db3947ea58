#pragma once

#include <array>

#include "device/cadence.hpp"
#include "drivers/line_settings.hpp"
#include "drivers/pulse_input.hpp"
#include "drivers/pwm_actuator.hpp"

namespace signalbox::drivers {

/// A fan with a PWM input (Intel's specification for four-wire fans: 25 kHz; a tachometer that closes to
/// ground twice in a revolution). `duty` shows what was set last; the output cannot be read back.
class PwmFan final : public PwmActuator {
 public:
  explicit PwmFan(const device::PartSetup& setup);
  Result<void> open();

 private:
  double do_duty(double percent) const override;
  Instant do_step(Instant now, device::ReadingSink& sink) override;
  bool do_is_quiet() const override { return PwmActuator::do_is_quiet() && !tachometer_.is_pending(); }
  void tell_speed(device::ReadingSink& sink);

  bool has_tachometer_;
  PulseInput tachometer_;
  double per_revolution_;
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
    device::SettingSpec{.name = "tachometer",
                        .kind = device::SettingSpec::Kind::text,
                        .help = "the board's name for the line that its tachometer is on"},
    device::SettingSpec{.name = "pulsesPerRevolution",
                        .kind = device::SettingSpec::Kind::integer,
                        .help = "of the tachometer",
                        .min = 1.0,
                        .max = 100.0,
                        .fallback = 2.0},
    kBiasSetting,
};
inline constexpr std::array kPwmFanPorts{
    device::PortSpec{.name = "duty",
                     .unit = "%",
                     .min = 0.0,
                     .max = 100.0,
                     .is_output = true,
                     .deadline = from_ms(5000)},  // it may ramp
    device::PortSpec{.name = "speed", .unit = "/min", .min = 0.0, .max = 100'000.0, .needs = "tachometer"},
};
inline constexpr device::PartKind kPwmFan{.name = "pwmFan",
                                          .help = "a fan on a PWM output, in percent",
                                          .settings = kPwmFanSettings,
                                          .ports = kPwmFanPorts,
                                          .construct = &device::construct_part<PwmFan>};

}  // namespace signalbox::drivers
