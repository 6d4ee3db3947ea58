#pragma once

#include "hal/supervisor.hpp"

namespace signalbox::app {

/// Tells the supervisor that the loop goes round, from nowhere but the loop itself: three times within the
/// supervisor's patience, so that one late turn does no harm, and a loop that hangs is silent.
class Liveness {
 public:
  explicit Liveness(hal::Supervisor& supervisor) : supervisor_{supervisor} {}

  /// The loop went round once more; when it has to again at the latest, kNever where nobody waits for it.
  Instant turned(Instant now);

 private:
  hal::Supervisor& supervisor_;
  Instant due_{};
};

}  // namespace signalbox::app
