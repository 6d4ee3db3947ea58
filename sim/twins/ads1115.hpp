#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <utility>

#include "sim/twins/i2c_chip.hpp"

namespace signalbox::sim::twins {

/// An ADS1115 (SBAS444) in single-shot mode, with a voltage at each of its pins AIN0 to AIN3.
class Ads1115 final : public I2cChip {
 public:
  using Pin = std::function<double()>;

  explicit Ads1115(std::array<Pin, 4> pins) : pins_{std::move(pins)} {}

  /// Its supply breaks in.
  void lose_power();

 private:
  bool do_write(Instant at, std::span<const std::uint8_t> bytes) override;
  bool do_read(Instant at, std::span<std::uint8_t> bytes) override;
  void finish(Instant at);
  double input_volts() const;

  std::array<Pin, 4> pins_;
  std::array<std::uint16_t, 4> registers_{kReset};
  std::uint8_t pointer_ = 0;
  Instant ends_ = kNever;  ///< the conversion that is under way

  static constexpr std::array<std::uint16_t, 4> kReset{0x0000, 0x8583, 0x8000, 0x7FFF};  // "Register Map"
};

}  // namespace signalbox::sim::twins
