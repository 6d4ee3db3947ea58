#pragma once

#include <algorithm>
#include <cmath>

#include "sim/twins/pwm_load.hpp"

namespace signalbox::sim::twins {

/// A hobby servo: its arm turns to where the pulses say (1 ms: 0°, 2 ms: 180°, a stop at either end), 60° in
/// 0.15 s, and stays where it is without them.
class Servo final : public PwmLoad {
 public:
  static constexpr double kDegreesPerSecond = 400.0;
  static constexpr double kTravelDegrees = 180.0;

  double angle(Instant at) const {
    const double seconds = std::chrono::duration<double>(std::max(at - pulsed_at_, Duration{0})).count();
    const double way = aim_ - angle_before_;
    return angle_before_ + std::copysign(std::min(std::abs(way), kDegreesPerSecond * seconds), way);
  }
  /// The width of its pulses, in µs; 0: it gets none.
  double pulse_us() const { return pulse_us_; }

 private:
  void do_pulse(Instant at, std::uint32_t frequency_hz, double duty) override {
    angle_before_ = angle(at);
    pulsed_at_ = at;
    pulse_us_ = frequency_hz == 0 ? 0.0 : duty * 1e6 / frequency_hz;
    aim_ = pulse_us_ > 0.0 ? std::clamp((pulse_us_ - 1000.0) / 1000.0, 0.0, 1.0) * kTravelDegrees
                           : angle_before_;
  }

  double pulse_us_ = 0.0;
  double aim_ = 0.0;
  double angle_before_ = 0.0;
  Instant pulsed_at_{};
};

}  // namespace signalbox::sim::twins
