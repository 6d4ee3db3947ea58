#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "sim/twins/i2c_chip.hpp"

namespace signalbox::sim::twins {

/// A TMP102 (SBOS397): converts `celsius` four times a second into its temperature register.
class Tmp102 final : public I2cChip {
 public:
  explicit Tmp102(std::function<double()> celsius) : celsius_{std::move(celsius)} {}

 private:
  bool do_write(Instant at, std::span<const std::uint8_t> bytes) override;
  bool do_read(Instant at, std::span<std::uint8_t> bytes) override;
  void convert(Instant at);

  std::function<double()> celsius_;
  std::array<std::uint16_t, 4> registers_{0x0000, 0x60A0, 0x4B00, 0x5000};  // table 7 and on: reset values
  std::uint8_t pointer_ = 0;
  Instant converted_at_ = Instant::min();
};

}  // namespace signalbox::sim::twins
