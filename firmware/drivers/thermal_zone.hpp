#pragma once

#include <array>

#include "device/cadence.hpp"
#include "device/part_kind.hpp"

namespace signalbox::drivers {

/// A temperature the machine measures itself, such as its processor's, by the type of the thermal zone.
/// A machine without that zone (many virtual ones have none) is a fault of the channel, not of the file.
class ThermalZone final : public device::Sensor {
 public:
  explicit ThermalZone(const device::PartSetup& setup)
      : host_{setup.ports.host}, cadence_{setup.settings.period(0)}, zone_{setup.settings.text(1)} {}
  Result<void> open();

 private:
  Instant do_step(Instant now, device::ReadingSink& sink) override;
  bool do_is_quiet() const override { return true; }

  hal::Host* host_;
  device::Cadence cadence_;
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
