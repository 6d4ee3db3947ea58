#pragma once

#include <array>

#include "drivers/pwm_actuator.hpp"

namespace signalbox::drivers {

/// A hobby servo: it turns to where the width of a pulse tells it to, which comes 50 times a second. One that
/// is left alone may be given no more pulses, so that it neither hums nor takes current; it then holds by
/// friction only.
class Servo final : public PwmActuator {
 public:
  explicit Servo(const device::PartSetup& setup);

 private:
  double do_duty(double angle) const override;
  Instant do_step(Instant now, device::ReadingSink& sink) override;
  bool do_is_quiet() const override;
  void do_drive(const device::Value& value, Instant deadline) override;
  void rest(Instant now);

  double min_us_;
  double max_us_;
  Duration rest_after_;       ///< zero: never
  Instant rest_at_ = kNever;  ///< kNever: not before a step has seen what was driven
  bool is_resting_ = false;
  hal::PwmOperation rest_{};
};

inline constexpr std::array kServoSettings{
    device::SettingSpec{.name = "output",
                        .kind = device::SettingSpec::Kind::text,
                        .help = "the board's name for the PWM output",
                        .required = true},
    device::SettingSpec{.name = "minUs",
                        .kind = device::SettingSpec::Kind::integer,
                        .help = "the pulse at 0 degrees, in us; above maxUs it turns the other way",
                        .min = 400.0,
                        .max = 2600.0,
                        .fallback = 1000.0},
    device::SettingSpec{.name = "maxUs",
                        .kind = device::SettingSpec::Kind::integer,
                        .help = "the pulse at 180 degrees, in us",
                        .min = 400.0,
                        .max = 2600.0,
                        .fallback = 2000.0},
    device::SettingSpec{.name = "restMs",
                        .kind = device::SettingSpec::Kind::integer,
                        .help = "no more pulses so long after a turn, in ms; 0: always pulses",
                        .min = 0.0,
                        .max = 3'600'000.0,
                        .fallback = 0.0},
    device::period_setting(1000),
};
inline constexpr std::array kServoPorts{
    device::PortSpec{.name = "angle", .unit = "deg", .min = 0.0, .max = 180.0, .is_output = true},
};
inline constexpr device::PartKind kServo{.name = "servo",
                                         .help = "a hobby servo on a PWM output, in degrees",
                                         .settings = kServoSettings,
                                         .ports = kServoPorts,
                                         .construct = &device::construct_part<Servo>};

}  // namespace signalbox::drivers
