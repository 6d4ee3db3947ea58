#pragma once

#include "hal/supervisor.hpp"

namespace signalbox::app {

/// Tells the supervisor that the loop turns. Only the loop itself calls it, so a loop that hangs is silent.
/// It does so three times within the supervisor's patience, so that one late turn does no harm.
class Liveness {
 public:
  explicit Liveness(hal::Supervisor& supervisor) : supervisor_{supervisor} {}

  /// The loop has turned once more. Returns when it must turn again at the latest; kNever where no supervisor
  /// waits for it.
  Instant turned(Instant now);

 private:
  hal::Supervisor& supervisor_;
  Instant due_{};
};

}  // namespace signalbox::app
