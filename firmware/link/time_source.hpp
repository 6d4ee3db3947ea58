#pragma once

#include "base/instant.hpp"

namespace signalbox::link {

/// How this room learns the time: `app/` lends its clock, so that nothing here reads one.
struct TimeSource {
  Instant (*read)(void* clock) = nullptr;
  void* clock = nullptr;

  Instant now() const { return read(clock); }
};

}  // namespace signalbox::link
