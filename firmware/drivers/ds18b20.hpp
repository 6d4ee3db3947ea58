#pragma once

#include <array>

#include "drivers/attribute_sensor.hpp"

namespace signalbox::drivers {

/// Analog Devices (Maxim) DS18B20 1-wire thermometer (data sheet 19-7487), -55 to 125 °C in steps of
/// 0.0625 °C, by the kernel's w1_therm. A conversion of 12 bits takes 750 ms.
class Ds18b20 final : public AttributeSensor {
 public:
  /// What the temperature register holds from power-on to the first conversion (table 1 of the data sheet):
  /// where a conversion did not happen, as at a supply that breaks in, it is read instead.
  static constexpr double kPowerOnCelsius = 85.0;
  /// So near to the last reading it is believed.
  static constexpr double kNearCelsius = 1.0;

  explicit Ds18b20(const device::PartSetup& setup);
  Result<void> open();

 private:
  std::string_view do_judge(double celsius) override;
  /// The kernel's driver compares the scratchpad's CRC, tries again, and then tells nothing.
  std::string_view do_failure() const override { return "no reply, or a wrong CRC"; }

  device::Text id_;
  double last_celsius_ = 0.0;
  bool lacks_conversion_ = false;  ///< and it was logged
};

inline constexpr std::array kDs18b20Settings{
    device::SettingSpec{.name = "id",
                        .kind = device::SettingSpec::Kind::text,
                        .help = "28- and 12 hexadecimal digits; left out or any: the first one",
                        .has_form = &hal::is_thermometer_or_any},
    device::period_setting(5000),
};
inline constexpr std::array kDs18b20Ports{
    device::PortSpec{.name = "temperature", .unit = "Cel", .min = -55.0, .max = 125.0},
};
inline constexpr device::PartKind kDs18b20{.name = "ds18b20",
                                           .help = "1-wire thermometer DS18B20, by the kernel's driver",
                                           .settings = kDs18b20Settings,
                                           .ports = kDs18b20Ports,
                                           .construct = &device::construct_part<Ds18b20>};

}  // namespace signalbox::drivers
