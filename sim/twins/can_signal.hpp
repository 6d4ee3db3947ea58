#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <utility>

#include "base/instant.hpp"
#include "hal/can.hpp"

namespace signalbox::sim::twins {

/// A charger on a CAN bus, which tells ten times a second in one frame of 5 bytes:
///   its supply in 0.01 V, 16 bits from bit 0 on, Intel;
///   the temperature outside in 0.1 °C, signed, 16 bits from bit 23 on, Motorola;
///   whether the door is open, bit 32.
class CanSignal {
 public:
  static constexpr Duration kEvery = from_ms(100);
  static constexpr std::uint8_t kSize = 5;

  struct World {
    std::function<double()> volts;
    std::function<double()> celsius;
    std::function<bool()> door_open;
  };
  using Bytes = std::array<std::uint8_t, hal::CanReading::kBytesMax>;

  explicit CanSignal(World world) : world_{std::move(world)} {}

  /// How many frames it has sent by then.
  std::int64_t told(Instant at) const { return at.time_since_epoch() / kEvery; }
  Bytes bytes() const {
    const auto volts = static_cast<unsigned>(std::lround(world_.volts() * 100));
    const auto celsius = static_cast<unsigned>(std::lround(world_.celsius() * 10));
    return {byte_of(volts), byte_of(volts >> 8), byte_of(celsius >> 8), byte_of(celsius),
            byte_of(world_.door_open() ? 1U : 0U)};
  }
  std::uint8_t size() const { return size_; }
  /// From now on frames have so many bytes only, `kSize` at most.
  void cut(std::uint8_t size) { size_ = size; }

 private:
  static constexpr std::uint8_t byte_of(unsigned bits) { return static_cast<std::uint8_t>(bits & 0xFFU); }

  World world_;
  std::uint8_t size_ = kSize;
};

}  // namespace signalbox::sim::twins
