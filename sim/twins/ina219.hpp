#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <utility>

#include "sim/twins/i2c_chip.hpp"

namespace signalbox::sim::twins {

/// An INA219 (SBOS448G) between a supply and what it feeds.
class Ina219 final : public I2cChip {
 public:
  Ina219(std::function<double()> bus_volts, std::function<double()> shunt_volts)
      : bus_volts_{std::move(bus_volts)}, shunt_volts_{std::move(shunt_volts)} {}

  /// Its supply breaks in.
  void lose_power();
  /// Something else answers at its address: what is written does not stay.
  void forget_writes() { forgets_ = true; }

 private:
  enum Register : std::uint8_t { configuration, shunt_voltage, bus_voltage, power, current, calibration };

  bool do_write(Instant at, std::span<const std::uint8_t> bytes) override;
  bool do_read(Instant at, std::span<std::uint8_t> bytes) override;
  void convert(Instant at);
  void measure();
  Duration conversion() const;

  static constexpr std::array<std::uint16_t, 6> kReset{0x399F, 0, 0, 0, 0, 0};  // table 2

  std::function<double()> bus_volts_;
  std::function<double()> shunt_volts_;
  std::array<std::uint16_t, 6> registers_{kReset};
  std::uint8_t pointer_ = 0;
  Instant began_{};  ///< the conversion that is under way
  bool forgets_ = false;
};

}  // namespace signalbox::sim::twins
