#pragma once

#include <array>

#include "device/cadence.hpp"
#include "device/part_kind.hpp"

namespace signalbox::drivers {

/// The machine's load: how many tasks wanted to run, averaged over one minute.
class HostLoad final : public device::Sensor {
 public:
  explicit HostLoad(const device::PartSetup& setup)
      : host_{setup.ports.host}, cadence_{setup.settings.period(0)} {}
  Result<void> open();

 private:
  Instant do_step(Instant now, device::ReadingSink& sink) override;
  bool do_is_quiet() const override { return true; }

  hal::Host* host_;
  device::Cadence cadence_;
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
