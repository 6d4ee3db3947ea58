#pragma once

#include "base/instant.hpp"

namespace signalbox::sim {

/// So many milliseconds after the simulation's start.
inline Instant at(std::int64_t ms) { return Instant{from_ms(ms)}; }

}  // namespace signalbox::sim
