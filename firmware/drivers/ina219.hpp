#pragma once

#include <array>

#include "drivers/i2c_chip.hpp"

namespace signalbox::drivers {

/// Texas Instruments INA219 (data sheet SBOS448G): the voltage of a supply up to 26 V, and the current
/// through a shunt resistor in it. It converts all the time; reading takes its last conversion.
class Ina219 final : public I2cChip {
 public:
  explicit Ina219(const device::PartSetup& setup);
  /// Error `outOfRange` where that current through that shunt is more than the chip takes.
  Result<void> open();

  /// The calibration register for currents of `lsb` amperes a step (section 8.5.1, equation 1). Its lowest
  /// bit cannot be set (8.6.4.1).
  static std::uint16_t calibration(double lsb, double shunt_ohms);
  /// Volts from the bus voltage register (8.6.3.2).
  static double bus_volts(std::uint16_t word) { return (word >> 3U) * kBusLsb; }

 private:
  static constexpr double kBusLsb = 0.004;
  enum class Stage : std::uint8_t { check, calibration, configuration, confirmation, bus, current, power };

  void do_begin(bool afresh) override;
  void do_go_on(device::ReadingSink& sink) override;
  void check_configuration();
  void ask_bus(Duration after);
  void take_bus(device::ReadingSink& sink);
  void take_current(device::ReadingSink& sink);
  /// The longest from a conversion's begin to its end.
  Duration conversion() const;

  double shunt_ohms_;
  double amperes_max_;
  int averages_;
  std::uint16_t configuration_ = 0;
  std::uint16_t calibration_ = 0;
  int clipped_ = 0;  ///< the current register's steps from which on the shunt's voltage is beyond its range
  Stage stage_ = Stage::check;
  bool is_known_ = false;  ///< it has our calibration
  int asked_ = 0;          ///< how often for a conversion
  double volts_ = 0.0;
  bool overflows_ = false;
};

inline constexpr std::array kIna219Averages{1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0};
inline constexpr std::array kIna219Settings{
    bus_setting(),
    address_setting(64.0, 79.0, "64 to 79, by its pins A0 and A1"),
    device::SettingSpec{.name = "shuntOhms",
                        .help = "the shunt resistor, in ohms",
                        .min = 0.0001,
                        .max = 100.0,
                        .fallback = 0.1},
    device::SettingSpec{
        .name = "maxAmperes",
        .help = "the largest current; through the shunt it makes 0.32 V at most; 0: that much",
        .min = 0.0,
        .max = 3200.0,
        .fallback = 0.0},
    device::choice_setting("averages", "conversions that make a reading", kIna219Averages, 1.0),
    device::period_setting(1000),
};
inline constexpr std::array kIna219Ports{
    device::PortSpec{.name = "voltage", .unit = "V", .min = 0.0, .max = 26.0},
    device::PortSpec{.name = "current", .unit = "A", .min = -3200.0, .max = 3200.0},
    device::PortSpec{.name = "power", .unit = "W", .min = -83200.0, .max = 83200.0},
};
inline constexpr device::PartKind kIna219{
    .name = "ina219",
    .help = "I2C monitor INA219: voltage, current and power of a supply",
    .settings = kIna219Settings,
    .ports = kIna219Ports,
    .construct = &device::construct_part<Ina219>};

}  // namespace signalbox::drivers
