#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <utility>

#include "sim/twins/i2c_chip.hpp"

namespace signalbox::sim::twins {

/// An LM75 (SNOS808; 9 bits), or an LM75B of NXP (11 bits): converts `celsius` ten times a second.
class Lm75 final : public I2cChip {
 public:
  explicit Lm75(std::function<double()> celsius, int bits = 9) : celsius_{std::move(celsius)}, bits_{bits} {}

 private:
  static constexpr Duration kConversion = from_ms(100);
  static constexpr std::uint8_t kTemperature = 0;
  static constexpr std::uint8_t kConfiguration = 1;

  bool do_write(Instant at, std::span<const std::uint8_t> bytes) override {
    if (bytes.empty()) return true;
    pointer_ = bytes[0] & 0x03U;
    if (bytes.size() >= 2 && pointer_ == kConfiguration)
      registers_[pointer_] = static_cast<std::uint16_t>(bytes[1] << 8U | bytes[1]);
    if (bytes.size() >= 3 && pointer_ > kConfiguration)
      registers_[pointer_] = static_cast<std::uint16_t>((bytes[1] << 8U | bytes[2]) & 0xFF80);
    convert(at);
    return true;
  }
  bool do_read(Instant at, std::span<std::uint8_t> bytes) override {
    convert(at);
    const std::uint16_t word = registers_[pointer_];
    for (std::size_t i = 0; i < bytes.size(); ++i)
      bytes[i] = static_cast<std::uint8_t>(i % 2 == 0 ? word >> 8U : word & 0xFFU);
    return true;
  }
  void convert(Instant at) {
    if (converted_at_ != Instant::min() && at - converted_at_ < kConversion) return;
    converted_at_ = at;
    const int spare = 1 << (16 - bits_);
    const double steps = std::floor(std::clamp(celsius_(), -55.0, 125.0) * 256.0 / spare);
    // What is below the last bit is undefined: as wrong as it can be.
    registers_[kTemperature] = static_cast<std::uint16_t>(static_cast<int>(steps) * spare + spare - 1);
  }

  std::function<double()> celsius_;
  int bits_;
  std::array<std::uint16_t, 4> registers_{0x0000, 0x0000, 0x4B00, 0x5000};
  std::uint8_t pointer_ = 0;
  Instant converted_at_ = Instant::min();
};

}  // namespace signalbox::sim::twins
