#pragma once

#include <array>

#include "drivers/attribute_sensor.hpp"

namespace signalbox::drivers {

/// An input of a monitoring chip that the kernel has a driver for (Documentation/hwmon/sysfs-interface.rst):
/// LM75, INA219, SHT3x, fan controllers, power supplies and some 200 more.
class Hwmon final : public AttributeSensor {
 public:
  explicit Hwmon(const device::PartSetup& setup);
  Result<void> open();

 private:
  device::Text chip_;
  device::Text input_;
};

inline constexpr std::array kHwmonSettings{
    device::SettingSpec{.name = "chip",
                        .kind = device::SettingSpec::Kind::text,
                        .help = "the kernel's name for the chip, such as lm75, or lm75@0-004f of several",
                        .required = true},
    device::SettingSpec{.name = "input",
                        .kind = device::SettingSpec::Kind::text,
                        .help = "temp, in, curr, fan, power, humidity, energy or freq, and its number",
                        .required = true,
                        .has_form = &hal::is_hwmon_input},
    device::period_setting(1000),
};
inline constexpr std::array kHwmonPorts{
    device::PortSpec{.name = "value", .min = -1e9, .max = 1e9},
};
inline constexpr device::PartKind kHwmon{.name = "hwmon",
                                         .help = "an input of a monitoring chip, by the kernel's driver",
                                         .settings = kHwmonSettings,
                                         .ports = kHwmonPorts,
                                         .construct = &device::construct_part<Hwmon>};

}  // namespace signalbox::drivers
