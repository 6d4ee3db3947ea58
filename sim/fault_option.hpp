#pragma once

#include <cstdio>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "sim/faults.hpp"

namespace signalbox::sim {

/// Reads `KIND:TARGET:AFTER_MS:FOR_MS`, such as `hung:heater:3000:5000`: what goes wrong with simulated
/// hardware, how long after `start`, for how long. The error says what was found and what would be right.
Result<Fault> read_fault(std::string_view text, Instant start);

/// Takes the simulator's own option `--fault`, as often as it is given, out of the arguments.
Result<void> take_fault_options(std::vector<const char*>& arguments, Faults& faults, Instant start);

void print_fault_help(std::FILE* to);

}  // namespace signalbox::sim
