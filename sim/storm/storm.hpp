#pragma once

#include <cstdint>

#include "sim/storm/saboteur.hpp"
#include "sim/storm/trace.hpp"

namespace signalbox::sim::storm {

/// One run of the whole machine in virtual time: seeded clients, links and faults, invariants held at every
/// step. The same seed gives the same trace. The device lives once or twice in a run, on the same memory.
void run(std::uint64_t seed, Sabotage sabotage, Trace& trace);

}  // namespace signalbox::sim::storm
