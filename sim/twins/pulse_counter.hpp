#pragma once

#include <algorithm>
#include <functional>
#include <utility>

#include "sim/twins/line.hpp"

namespace signalbox::sim::twins {

/// A meter's pulse output (S0: IEC 62053-31, DIN 43864): a contact to ground that closes for 30 ms at least
/// and rests as long. Its line is high only where something pulls it up.
class PulseCounter final : public Line {
 public:
  static constexpr Duration kPulse = from_ms(30);

  /// `units`: what went through it so far, such as kWh; `per_unit`: pulses for each.
  PulseCounter(double per_unit, std::function<double()> units)
      : per_unit_{per_unit}, units_{std::move(units)} {}

  /// How many it has given.
  unsigned long pulses() const { return pulses_; }

 private:
  void do_pull(bool level) override { pulled_ = level; }
  bool do_level(Instant /*at*/) override { return !closed_ && pulled_; }
  /// What went through meanwhile did so evenly.
  void do_watch(Instant from, Instant to, const Tell& tell) override {
    const double before = std::exchange(through_, units_() * per_unit_);
    for (;;) {
      const Instant at = closed_ ? rests_at_ : next_pulse(from, to, before);
      if (at > to) return;
      closed_ = !closed_;
      if (closed_) {
        ++pulses_;
        rests_at_ = at + kPulse;
      }
      tell(at, do_level(at));
    }
  }
  Instant next_pulse(Instant from, Instant to, double before) const {
    const double next = static_cast<double>(pulses_) + 1.0;
    if (next > through_) return kNever;
    const double part = next <= before ? 0.0 : (next - before) / (through_ - before);
    const Instant due = from + std::chrono::duration_cast<Duration>((to - from) * part);
    return pulses_ == 0 ? due : std::max(due, rests_at_ + kPulse);
  }

  double per_unit_;
  std::function<double()> units_;
  bool pulled_ = false;
  bool closed_ = false;
  Instant rests_at_{};    ///< when it opens, or opened
  double through_ = 0.0;  ///< in pulses
  unsigned long pulses_ = 0;
};

}  // namespace signalbox::sim::twins
