#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/instant.hpp"
#include "sim/dice.hpp"
#include "sim/world.hpp"

namespace signalbox::sim::storm {

/// What happens to a device without its doing: somebody sets its clock, somebody opens the door or
/// presses the stop button.
class Surroundings {
 public:
  /// Rolls it all; nothing happens after `until`.
  Surroundings(World& world, Dice& dice, Instant begins, Instant until);

  /// The device's clock as it has been set by then.
  WallTime wall(Instant now) const;
  /// Does to the world what is due.
  void act(Instant now);

 private:
  static constexpr std::size_t kTimes = 3;
  struct Jump {
    Instant at = kNever;
    std::int64_t by_ms = 0;
  };

  World& world_;
  std::array<Jump, kTimes> jumps_{};
  std::array<Instant, kTimes> door_moves_{};
  Instant stop_pressed_at_ = kNever;
  Instant stop_released_at_ = kNever;
};

}  // namespace signalbox::sim::storm
