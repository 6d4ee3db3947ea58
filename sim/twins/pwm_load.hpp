#pragma once

#include <cstdint>

#include "base/instant.hpp"

namespace signalbox::sim::twins {

/// What hangs on a simulated PWM output.
class PwmLoad {
 public:
  /// From then on it sees pulses that come `frequency_hz` times a second and are high for `duty` (0 to 1).
  void pulse(Instant at, std::uint32_t frequency_hz, double duty) { do_pulse(at, frequency_hz, duty); }

 protected:
  ~PwmLoad() = default;

 private:
  virtual void do_pulse(Instant at, std::uint32_t frequency_hz, double duty) = 0;
};

}  // namespace signalbox::sim::twins
