#pragma once

#include <array>

#include "device/actuator.hpp"
#include "device/cadence.hpp"
#include "drivers/line_settings.hpp"
#include "drivers/pulse_input.hpp"
#include "hal/pwm.hpp"

namespace signalbox::drivers {

/// A fan with a PWM input (Intel's specification for four-wire fans: 25 kHz; a tachometer that closes to
/// ground twice in a revolution). `duty` shows what was set last; the output cannot be read back.
class PwmFan final : public device::Actuator {
 public:
  explicit PwmFan(const device::PartSetup& setup);
  ~PwmFan() override;
  Result<void> open();

 private:
  Instant do_step(Instant now, device::ReadingSink& sink) override;
  bool do_is_quiet() const override {
    return write_.completion != hal::Completion::pending && !tachometer_.is_pending();
  }
  void do_drive(const device::Value& value, Instant deadline) override;
  void do_withdraw() override { pwm_->withdraw(write_); }
  hal::Completion do_driven() const override { return write_.completion; }
  void take_write();
  void tell_speed(device::ReadingSink& sink);

  hal::Pwm* pwm_;
  device::Text name_;
  std::uint32_t frequency_hz_;
  bool has_tachometer_;
  PulseInput tachometer_;
  double per_revolution_;
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
