#pragma once

#include <array>

#include "drivers/host_sensor.hpp"

namespace signalbox::drivers {

/// The machine's load: how many tasks wanted to run, averaged over one minute.
class HostLoad final : public HostSensor {
 public:
  explicit HostLoad(const device::PartSetup& setup) : HostSensor{setup} {}

 private:
  void do_measure(hal::Host& host, Instant now, device::ReadingSink& sink) override;
};

inline constexpr std::array kHostLoadSettings{device::period_setting(2000)};
inline constexpr std::array kHostLoadPorts{
    device::PortSpec{.name = "load", .unit = "1", .min = 0.0, .max = 10'000.0},
};
inline constexpr device::PartKind kHostLoad{.name = "hostLoad",
                                            .help = "how busy the machine is",
                                            .settings = kHostLoadSettings,
                                            .ports = kHostLoadPorts,
                                            .reads_host = true,
                                            .construct = &device::construct_part<HostLoad>};

}  // namespace signalbox::drivers
