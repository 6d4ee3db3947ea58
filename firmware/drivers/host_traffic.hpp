#pragma once

#include <array>
#include <optional>

#include "drivers/host_sensor.hpp"

namespace signalbox::drivers {

/// The machine's network traffic as rates, from counters that only ever grow; the first reading comes with
/// the second look at them.
class HostTraffic final : public HostSensor {
 public:
  explicit HostTraffic(const device::PartSetup& setup) : HostSensor{setup} {}

 private:
  void do_measure(hal::Host& host, Instant now, device::ReadingSink& sink) override;

  std::optional<hal::Host::Traffic> before_;
  Instant before_at_{};
};

inline constexpr std::array kHostTrafficSettings{device::period_setting(2000)};
inline constexpr std::array kHostTrafficPorts{
    device::PortSpec{.name = "received", .unit = "By/s", .min = 0.0, .max = 1e12},
    device::PortSpec{.name = "sent", .unit = "By/s", .min = 0.0, .max = 1e12},
};
inline constexpr device::PartKind kHostTraffic{.name = "hostTraffic",
                                               .help = "bytes the machine's network moves per second",
                                               .settings = kHostTrafficSettings,
                                               .ports = kHostTrafficPorts,
                                               .reads_host = true,
                                               .construct = &device::construct_part<HostTraffic>};

}  // namespace signalbox::drivers
