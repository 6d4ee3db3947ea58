#pragma once

#include <cstdint>

#include "device/channel.hpp"
#include "telemetry/history.hpp"

namespace signalbox::telemetry {

/// What a subscriber that resumes still has to be told: all samples after the offset that it knows, up to the
/// offset at which it resumed, or that they are lost. It is told in windows.
struct Recovery {
  device::ChannelSet channels;
  std::uint64_t after = 0;      ///< what it knows
  std::uint64_t until = 0;      ///< what it is to know
  std::uint64_t gaps_told = 0;  ///< the device's offset when gaps were last told
  bool foreign = false;         ///< it knows another epoch only: all before its return is lost
  bool complete = true;         ///< nothing was lost so far

  /// Whether there is nothing more to tell.
  bool is_over(const History& history) const;
  /// The channels of which something above `after` is lost and has not been told yet.
  device::ChannelSet gaps(const History& history) const;
  /// The last offset of that channel's gap; its first is `after` + 1.
  std::uint64_t gap_end(device::ChannelIndex channel, const History& history) const;
  /// The end of a window that holds at most so many samples.
  std::uint64_t window_end(std::size_t samples_max, const History& history) const;
  /// The window up to `end` was told, with all its gaps, when the device had come to `offset`.
  void told(std::uint64_t end, std::uint64_t offset, const History& history);
};

}  // namespace signalbox::telemetry
