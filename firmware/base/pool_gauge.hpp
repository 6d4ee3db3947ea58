#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace signalbox {

/// What every pool tells of itself; the published memory contract is made of these.
struct PoolGauge {
  std::size_t capacity = 0;
  std::size_t used = 0;
  std::size_t high_water = 0;
  std::uint64_t refused = 0;

  void took(std::size_t amount = 1) {
    used += amount;
    high_water = std::max(high_water, used);
  }
  void gave_back(std::size_t amount = 1) { used -= amount; }
};

}  // namespace signalbox
