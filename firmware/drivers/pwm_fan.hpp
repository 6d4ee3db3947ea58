#pragma once

#include <array>

#include "device/actuator.hpp"
#include "device/cadence.hpp"
#include "device/part_kind.hpp"
#include "hal/pwm.hpp"

namespace signalbox::drivers {

/// A fan with a PWM input (Intel's specification for four-wire fans: 25 kHz). Its port shows the duty cycle
/// that was set last; the output cannot be read back.
class PwmFan final : public device::Actuator {
 public:
  explicit PwmFan(const device::PartSetup& setup);
  ~PwmFan() override;
  Result<void> open();

 private:
  Instant do_step(Instant now, device::ReadingSink& sink) override;
  bool do_is_quiet() const override { return write_.completion != hal::Completion::pending; }
  void do_drive(const device::Value& value, Instant deadline) override;
  void do_withdraw() override { pwm_->withdraw(write_); }
  hal::Completion do_driven() const override { return write_.completion; }
  void take_write();

  hal::Pwm* pwm_;
  device::Text name_;
  std::uint32_t frequency_hz_;
  device::Cadence cadence_;
  double percent_;        ///< what the output holds
  double asked_percent_;  ///< what it is being set to
  bool is_known_ = true;  ///< false after a write failed halfway, until one succeeds
  int output_ = hal::Pwm::kNoOutput;
  hal::PwmOperation write_{};
  bool write_taken_ = true;
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
