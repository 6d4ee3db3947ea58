#pragma once

#include <algorithm>
#include <cmath>

#include "sim/twins/pwm_load.hpp"

namespace signalbox::sim::twins {

/// A four-wire fan: its rotor follows the duty cycle over a second or two and stalls below 10 %.
class PwmFan final : public PwmLoad {
 public:
  static constexpr double kStallDuty = 0.1;
  static constexpr double kSpinUpSeconds = 1.5;

  void drive(Instant at, double duty) {
    speed_before_ = speed(at);
    duty_ = std::clamp(duty, 0.0, 1.0);
    driven_at_ = at;
  }
  double duty() const { return duty_; }
  /// When it was last given a duty cycle.
  Instant driven_at() const { return driven_at_; }
  /// The rotor's speed, and so the air it moves, as a part of its best: 0 to 1.
  double speed(Instant at) const {
    const double aim = duty_ < kStallDuty ? 0.0 : duty_;
    const double seconds = std::chrono::duration<double>(std::max(at - driven_at_, Duration{0})).count();
    return aim + (speed_before_ - aim) * std::exp(-seconds / kSpinUpSeconds);
  }

 private:
  void do_pulse(Instant at, std::uint32_t /*frequency_hz*/, double duty) override { drive(at, duty); }

  double duty_ = 0.0;
  double speed_before_ = 0.0;
  Instant driven_at_{};
};

}  // namespace signalbox::sim::twins
