#pragma once

#include "base/fixed_text.hpp"
#include "hal/host.hpp"

namespace signalbox::drivers {

/// A machine whose readings a test sets; nothing set: not offered.
class FakeMachine final : public hal::Host {
 public:
  std::optional<double> load_now;
  std::optional<Memory> memory_now;
  std::optional<Traffic> traffic_now;
  std::optional<double> uptime_now;
  std::optional<double> temperature_now;
  FixedText<31> zone_asked;

 private:
  std::optional<double> do_load() override { return load_now; }
  std::optional<Memory> do_memory() override { return memory_now; }
  std::optional<Traffic> do_traffic() override { return traffic_now; }
  std::optional<double> do_uptime_seconds() override { return uptime_now; }
  std::optional<double> do_temperature(std::string_view zone) override {
    zone_asked = zone;
    return temperature_now;
  }
};

}  // namespace signalbox::drivers
