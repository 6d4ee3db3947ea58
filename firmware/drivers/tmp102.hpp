#pragma once

#include <array>

#include "drivers/i2c_chip.hpp"

namespace signalbox::drivers {

/// Texas Instruments TMP102 temperature sensor (data sheet SBOS397), -55 to 128 °C in steps of 0.0625 °C.
/// After power-up it converts four times a second; reading takes its last conversion.
class Tmp102 final : public I2cChip {
 public:
  explicit Tmp102(const device::PartSetup& setup);

  /// Degrees Celsius from the temperature register (section 6.5.2 of the data sheet).
  static double celsius(std::uint16_t temperature);

 private:
  void do_begin(bool afresh) override;
  void do_go_on(device::ReadingSink& sink) override;
};

inline constexpr std::array kTmp102Settings{
    bus_setting(),
    address_setting(72.0, 75.0, "72 to 75, by its ADD0 pin"),
    device::period_setting(1000),
};
inline constexpr std::array kTmp102Ports{
    device::PortSpec{.name = "temperature", .unit = "Cel", .min = -55.0, .max = 128.0},
};
inline constexpr device::PartKind kTmp102{.name = "tmp102",
                                          .help = "I2C temperature sensor TMP102",
                                          .settings = kTmp102Settings,
                                          .ports = kTmp102Ports,
                                          .construct = &device::construct_part<Tmp102>};

}  // namespace signalbox::drivers
