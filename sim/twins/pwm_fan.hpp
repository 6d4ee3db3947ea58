#pragma once

#include <algorithm>
#include <cmath>

#include "sim/twins/line.hpp"
#include "sim/twins/pwm_load.hpp"

namespace signalbox::sim::twins {

/// A four-wire fan: its rotor follows the duty cycle over a second or two and stalls below 10 %. Its
/// tachometer closes to ground twice in a revolution.
class PwmFan final : public PwmLoad {
 public:
  static constexpr double kStallDuty = 0.1;
  static constexpr double kSpinUpSeconds = 1.5;
  static constexpr double kBestPerMinute = 2400.0;

  void drive(Instant at, double duty) {
    turns_before_ = turns(at);
    speed_before_ = speed(at);
    duty_ = std::clamp(duty, 0.0, 1.0);
    driven_at_ = at;
  }
  double duty() const { return duty_; }
  /// When it was last given a duty cycle.
  Instant driven_at() const { return driven_at_; }
  /// The rotor's speed, and so the air it moves, as a part of its best: 0 to 1.
  double speed(Instant at) const { return blocked_ ? 0.0 : aim() + (speed_before_ - aim()) * lag(at); }
  /// Revolutions so far.
  double turns(Instant at) const {
    const double at_best =
        blocked_ ? 0.0 : aim() * seconds(at) + (speed_before_ - aim()) * kSpinUpSeconds * (1.0 - lag(at));
    return turns_before_ + at_best * kBestPerMinute / 60.0;
  }
  Line& tachometer() { return tachometer_; }
  /// Something holds the rotor, or lets it go.
  void block(Instant at, bool blocked) {
    drive(at, duty_);
    speed_before_ = 0.0;
    blocked_ = blocked;
  }

 private:
  class Tachometer final : public Line {
   public:
    explicit Tachometer(const PwmFan& fan) : fan_{fan} {}

   private:
    static constexpr double kChangesPerTurn = 4.0;

    void do_pull(bool level) override { pulled_ = level; }
    bool do_level(Instant at) override { return level_after(changes(at)); }
    double changes(Instant at) const { return std::floor(fan_.turns(at) * kChangesPerTurn); }
    bool level_after(double changes) const { return pulled_ && std::fmod(changes, 2.0) == 0.0; }
    /// It turns evenly meanwhile: nobody looks more seldom than the world steps.
    void do_watch(Instant from, Instant to, const Tell& tell) override {
      const double begin = fan_.turns(from) * kChangesPerTurn;
      const double end = fan_.turns(to) * kChangesPerTurn;
      for (double change = std::floor(begin) + 1.0; change <= end; change += 1.0) {
        const double part = (change - begin) / (end - begin);
        tell(from + std::chrono::duration_cast<Duration>((to - from) * part), level_after(change));
      }
    }

    const PwmFan& fan_;
    bool pulled_ = false;
  };

  double aim() const { return duty_ < kStallDuty ? 0.0 : duty_; }
  double seconds(Instant at) const {
    return std::chrono::duration<double>(std::max(at - driven_at_, Duration{0})).count();
  }
  double lag(Instant at) const { return std::exp(-seconds(at) / kSpinUpSeconds); }

  Tachometer tachometer_{*this};
  void do_pulse(Instant at, std::uint32_t /*frequency_hz*/, double duty) override { drive(at, duty); }

  double duty_ = 0.0;
  double speed_before_ = 0.0;
  double turns_before_ = 0.0;
  bool blocked_ = false;
  Instant driven_at_{};
};

}  // namespace signalbox::sim::twins
