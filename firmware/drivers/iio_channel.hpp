#pragma once

#include <array>

#include "drivers/attribute_sensor.hpp"

namespace signalbox::drivers {

/// A channel of a device of industrial I/O that the kernel has a driver for (Documentation/ABI/testing/
/// sysfs-bus-iio): converters, and sensors of pressure, light, gas and motion.
class IioChannel final : public AttributeSensor {
 public:
  explicit IioChannel(const device::PartSetup& setup);
  Result<void> open();

 private:
  device::Text device_;
  device::Text channel_;
};

inline constexpr std::array kIioChannelSettings{
    device::SettingSpec{
        .name = "device",
        .kind = device::SettingSpec::Kind::text,
        .help = "the kernel's name for the device, such as bme280, or bme280@1-0076 of several",
        .required = true},
    device::SettingSpec{.name = "channel",
                        .kind = device::SettingSpec::Kind::text,
                        .help = "such as in_voltage0, in_temp, in_pressure",
                        .required = true,
                        .has_form = &hal::is_iio_channel},
    device::period_setting(1000),
};
inline constexpr std::array kIioChannelPorts{
    device::PortSpec{.name = "value", .min = -1e9, .max = 1e9},
};
inline constexpr device::PartKind kIioChannel{.name = "iioChannel",
                                              .help = "a channel of industrial I/O, by the kernel's driver",
                                              .settings = kIioChannelSettings,
                                              .ports = kIioChannelPorts,
                                              .construct = &device::construct_part<IioChannel>};

}  // namespace signalbox::drivers
