#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "device/roster.hpp"
#include "sim/storm/bench.hpp"

namespace signalbox::sim::storm {

/// What whole pieces of history stand on a disk, one behind the other from its beginning on.
struct WrittenHistory {
  struct Sample {
    device::Value value{};
    device::Quality quality = device::Quality::stale;
    bool was_read = false;
    std::int64_t monotonic_ms = 0;
    std::int64_t unix_ms = 0;  ///< by the last piece of its run
  };

  WrittenHistory(std::string_view disk, const device::Roster& roster);

  std::array<std::vector<Sample>, bench::kPaths.size()> samples{};
  device::ChannelSet lacks;  ///< channels of which a piece says that samples are missing
  bool ended = false;        ///< the last piece ends its run
  std::size_t bytes = 0;     ///< of whole pieces
  std::string wrong{};       ///< what no device writes
};

}  // namespace signalbox::sim::storm
