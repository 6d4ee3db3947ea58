#include "telemetry/recovery.hpp"

#include <algorithm>

namespace signalbox::telemetry {

bool Recovery::is_over(const History& history) const {
  if (foreign) return !complete;
  if (after >= until) return true;
  const HistoryWalk::Step next = HistoryWalk{history, channels, after}.next();
  return (next.entry == nullptr || next.entry->offset > until) && gaps(history).none();
}

device::ChannelSet Recovery::gaps(const History& history) const {
  if (foreign) return channels;
  device::ChannelSet gaps;
  for (device::ChannelIndex i = 0; i < history.channels(); ++i) {
    if (!channels.test(i) || history.lost_until(i) <= after) continue;
    // A full ring loses a sample whenever it takes one: none taken since gaps were told, none lost.
    const Ring<History::Entry>& entries = history.of(i);
    const std::uint64_t newest = entries.empty() ? history.lost_until(i) : entries[entries.size() - 1].offset;
    if (newest > gaps_told) gaps.set(i);
  }
  return gaps;
}

std::uint64_t Recovery::gap_end(device::ChannelIndex channel, const History& history) const {
  return std::min(history.lost_until(channel), until);
}

std::uint64_t Recovery::window_end(std::size_t samples_max, const History& history) const {
  if (foreign) return until;
  HistoryWalk walk{history, channels, after};
  std::uint64_t end = after;
  for (std::size_t samples = 0;; ++samples) {
    const HistoryWalk::Step next = walk.next();
    if (next.entry == nullptr || next.entry->offset > until) return until;
    if (samples == samples_max) return end;
    end = next.entry->offset;
  }
}

void Recovery::told(std::uint64_t end, std::uint64_t offset, const History& history) {
  complete = complete && gaps(history).none();
  gaps_told = offset;
  after = end;
}

}  // namespace signalbox::telemetry
