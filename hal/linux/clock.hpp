#pragma once

#include "hal/clock.hpp"

namespace signalbox::hal::kernel {

/// CLOCK_MONOTONIC decides, CLOCK_REALTIME labels (clock_gettime(2)).
class Clock final : public hal::Clock {
 private:
  Instant do_now() override;
  WallTime do_wall() override;
};

}  // namespace signalbox::hal::kernel
