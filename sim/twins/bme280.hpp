#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "sim/twins/i2c_chip.hpp"

namespace signalbox::sim::twins {

/// A BME280 (BST-BME280-DS001) in the air of the world. Its compensation parameters are those of the example
/// in the BMP280's data sheet (section 3.12), and for humidity usual ones.
class Bme280 final : public I2cChip {
 public:
  struct Air {
    double celsius = 0.0;
    double humidity_percent = 0.0;
    double hectopascals = 0.0;
  };

  explicit Bme280(std::function<Air()> air);

  /// Its supply breaks in.
  void lose_power();
  /// Another chip is in its place.
  void pose_as(std::uint8_t id) { memory_[0xD0] = id; }

 private:
  bool do_write(Instant at, std::span<const std::uint8_t> bytes) override;
  bool do_read(Instant at, std::span<std::uint8_t> bytes) override;
  void write_register(Instant at, std::uint8_t number, std::uint8_t value);
  void start(Instant at);
  void finish(Instant at);

  std::function<Air()> air_;
  std::array<std::uint8_t, 256> memory_{};
  std::uint8_t pointer_ = 0;
  std::uint8_t ctrl_hum_ = 0;  ///< the one that counts: as it was at the last write of ctrl_meas
  Instant ends_ = kNever;      ///< the measurement that is under way
};

}  // namespace signalbox::sim::twins
