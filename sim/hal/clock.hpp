#pragma once

#include <algorithm>

#include "hal/clock.hpp"

namespace signalbox::sim {

/// A clock that stands still until it is moved.
class Clock final : public hal::Clock {
 public:
  explicit Clock(Instant start = Instant{}, WallTime wall = {1'700'000'000'000}) : now_{start} {
    wall_ = {start, wall};
  }

  /// Somebody sets the time of day.
  void set_wall(WallTime wall) { wall_ = {now_, wall}; }
  void advance(Duration by) { now_ += by; }
  /// Moves on to `to`; a monotonic clock never goes back.
  void advance_to(Instant to) { now_ = std::max(now_, to); }

 private:
  Instant do_now() override { return now_; }
  WallTime do_wall() override { return wall_.label(now_); }

  Instant now_;
  WallClock wall_;
};

}  // namespace signalbox::sim
