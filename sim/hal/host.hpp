#pragma once

#include "hal/clock.hpp"
#include "hal/host.hpp"

namespace signalbox::sim {

/// A machine that leads a quiet, repeatable life. The storm uses it; the simulator reads the real one.
class Host final : public hal::Host {
 public:
  explicit Host(hal::Clock& clock) : clock_{clock} {}

 private:
  std::optional<double> do_load() override;
  std::optional<Memory> do_memory() override;
  std::optional<Traffic> do_traffic() override;
  std::optional<double> do_uptime_seconds() override { return seconds(); }
  std::optional<double> do_temperature(std::string_view zone) override;

  double seconds() { return std::chrono::duration<double>(clock_.now().time_since_epoch()).count(); }

  hal::Clock& clock_;
};

}  // namespace signalbox::sim
