#pragma once

#include <array>

#include "drivers/host_sensor.hpp"

namespace signalbox::drivers {

/// A temperature the machine measures itself, such as its processor's, by the type of the thermal zone.
/// A machine without that zone (many virtual ones have none) is a fault of the channel, not of the file.
class ThermalZone final : public HostSensor {
 public:
  explicit ThermalZone(const device::PartSetup& setup) : HostSensor{setup}, zone_{setup.settings.text(1)} {}

 private:
  void do_measure(hal::Host& host, Instant now, device::ReadingSink& sink) override;

  device::Text zone_;
};

inline constexpr std::array kThermalZoneSettings{
    device::period_setting(5000),
    device::SettingSpec{
        .name = "zone",
        .kind = device::SettingSpec::Kind::text,
        .help = "type of the thermal zone, such as cpu-thermal; left out or any: the first one"},
};
inline constexpr std::array kThermalZonePorts{
    device::PortSpec{.name = "temperature", .unit = "Cel", .min = -55.0, .max = 200.0},
};
inline constexpr device::PartKind kThermalZone{.name = "thermalZone",
                                               .help = "a temperature the machine measures itself",
                                               .settings = kThermalZoneSettings,
                                               .ports = kThermalZonePorts,
                                               .reads_host = true,
                                               .construct = &device::construct_part<ThermalZone>};

}  // namespace signalbox::drivers
