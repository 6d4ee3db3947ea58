#pragma once

#include <chrono>

#include "base/instant.hpp"

namespace signalbox::link {

/// The clock of a loop under test.
inline Instant steady_now(void* /*clock*/ = nullptr) {
  return Instant{std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())};
}

}  // namespace signalbox::link
