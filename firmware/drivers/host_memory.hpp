#pragma once

#include <array>

#include "drivers/host_sensor.hpp"

namespace signalbox::drivers {

/// The machine's memory: what is in use, as a part of all, and what is available.
class HostMemory final : public HostSensor {
 public:
  explicit HostMemory(const device::PartSetup& setup) : HostSensor{setup} {}

 private:
  void do_measure(hal::Host& host, Instant now, device::ReadingSink& sink) override;
};

inline constexpr std::array kHostMemorySettings{device::period_setting(5000)};
inline constexpr std::array kHostMemoryPorts{
    device::PortSpec{.name = "used", .unit = "%", .min = 0.0, .max = 100.0},
    device::PortSpec{.name = "available", .unit = "By", .min = 0.0, .max = 1e15},
};
inline constexpr device::PartKind kHostMemory{.name = "hostMemory",
                                              .help = "the memory of the machine",
                                              .settings = kHostMemorySettings,
                                              .ports = kHostMemoryPorts,
                                              .reads_host = true,
                                              .construct = &device::construct_part<HostMemory>};

}  // namespace signalbox::drivers
