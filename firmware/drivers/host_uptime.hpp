#pragma once

#include <array>

#include "device/cadence.hpp"
#include "device/part_kind.hpp"

namespace signalbox::drivers {

/// How long ago the machine was started.
class HostUptime final : public device::Sensor {
 public:
  explicit HostUptime(const device::PartSetup& setup)
      : host_{setup.ports.host}, cadence_{setup.settings.period(0)} {}
  Result<void> open();

 private:
  Instant do_step(Instant now, device::ReadingSink& sink) override;
  bool do_is_quiet() const override { return true; }

  hal::Host* host_;
  device::Cadence cadence_;
};

inline constexpr std::array kHostUptimeSettings{device::period_setting(5000)};
inline constexpr std::array kHostUptimePorts{
    device::PortSpec{.name = "uptime", .unit = "s", .min = 0.0, .max = 1e10},
};
inline constexpr device::PartKind kHostUptime{.name = "hostUptime",
                                              .help = "how long the machine runs",
                                              .settings = kHostUptimeSettings,
                                              .ports = kHostUptimePorts,
                                              .reads_host = true,
                                              .construct = &device::construct_part<HostUptime>};

}  // namespace signalbox::drivers
