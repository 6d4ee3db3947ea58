#pragma once

#include <array>

#include "drivers/host_sensor.hpp"

namespace signalbox::drivers {

/// How long ago the machine was started.
class HostUptime final : public HostSensor {
 public:
  explicit HostUptime(const device::PartSetup& setup) : HostSensor{setup} {}

 private:
  void do_measure(hal::Host& host, Instant now, device::ReadingSink& sink) override;
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
