#pragma once

#include <concepts>
#include <cstdint>

#include "base/instant.hpp"

namespace signalbox::sim {

/// Repeatable chance: the same seed gives the same throws on every machine (SplitMix64). Never for keys.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_{seed} {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }
  /// 0 up to and without `sides`, and of their type; 0 where there are none.
  template <std::integral Number>
  Number below(Number sides) {
    return sides < 1 ? Number{0} : static_cast<Number>(next() % static_cast<std::uint64_t>(sides));
  }
  Duration below(Duration span) { return Duration{below(span.count())}; }
  /// 0.0 up to and without 1.0.
  double fraction() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
  bool chance(double probability) { return fraction() < probability; }

 private:
  std::uint64_t state_;
};

}  // namespace signalbox::sim
