#pragma once

#include <array>

#include "drivers/i2c_chip.hpp"

namespace signalbox::drivers {

/// The LM75 and the many thermometers that are read like it, -55 to 125 °C (data sheets: Texas Instruments
/// SNOS808, LM75B of NXP): the LM75 tells 9 bits, the LM75A and LM75B of NXP 11, the TMP75 and DS75 9 to 12,
/// as they are configured. They convert by themselves; reading takes the last conversion.
class Lm75 final : public I2cChip {
 public:
  explicit Lm75(const device::PartSetup& setup);

  /// Degrees Celsius from the temperature register (LM75B: section 7.4.3), whose other bits mean nothing.
  static double celsius(std::uint16_t temperature, unsigned bits);

 private:
  void do_begin(bool afresh) override;
  void do_go_on(device::ReadingSink& sink) override;

  unsigned bits_;
};

inline constexpr std::array kLm75Settings{
    bus_setting(),
    address_setting(72.0, 79.0, "72 to 79, by its pins A0 to A2"),
    device::SettingSpec{.name = "bits",
                        .kind = device::SettingSpec::Kind::integer,
                        .help = "of its temperature: LM75 9, LM75A and LM75B 11, TMP75 12",
                        .min = 9.0,
                        .max = 12.0,
                        .fallback = 9.0},
    device::period_setting(1000),
};
inline constexpr std::array kLm75Ports{
    device::PortSpec{.name = "temperature", .unit = "Cel", .min = -55.0, .max = 125.0},
};
inline constexpr device::PartKind kLm75{.name = "lm75",
                                        .help = "I2C temperature sensor LM75, or one that is read like it",
                                        .settings = kLm75Settings,
                                        .ports = kLm75Ports,
                                        .construct = &device::construct_part<Lm75>};

}  // namespace signalbox::drivers
