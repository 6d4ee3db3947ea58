#include "sim/storm/surroundings.hpp"

namespace signalbox::sim::storm {
namespace {

constexpr std::int64_t kBegan_ms = 1'763'683'200'000;

}  // namespace

Surroundings::Surroundings(World& world, Dice& dice, Instant begins, Instant until) : world_{world} {
  const auto some_time = [&] { return begins + dice.below(until - begins); };
  constexpr std::array<std::int64_t, 4> kFurthest_ms{300, 10'000, 3'600'000, 400LL * 86'400'000};
  const bool is_set = dice.chance(0.3);
  for (Jump& jump : jumps_) {
    if (!is_set || dice.chance(0.4)) continue;
    const std::int64_t furthest_ms = kFurthest_ms[dice.below(kFurthest_ms.size())];
    jump = {some_time(), dice.below(2 * furthest_ms) - furthest_ms};
  }
  const bool opens = dice.chance(0.3);
  for (Instant& move : door_moves_) move = opens ? some_time() : kNever;
  if (dice.chance(0.15)) stop_pressed_at_ = some_time();
  stop_released_at_ = stop_pressed_at_ == kNever ? kNever : stop_pressed_at_ + from_ms(1 + dice.below(900));
}

WallTime Surroundings::wall(Instant now) const {
  std::int64_t base_ms = kBegan_ms;
  for (const Jump& jump : jumps_)
    if (now >= jump.at) base_ms += jump.by_ms;
  return {base_ms + to_ms(now.time_since_epoch())};
}

void Surroundings::act(Instant now) {
  world_.press_stop(now >= stop_pressed_at_ && now < stop_released_at_);
  for (Instant& move : door_moves_) {
    if (now < move) continue;
    move = kNever;
    world_.hold_door(!world_.door_open());
  }
}

}  // namespace signalbox::sim::storm
