#include "sim/storm/sample_tally.hpp"

#include <algorithm>

namespace signalbox::sim::storm {

using device::ChannelIndex;

void SampleTally::begin(const device::ChannelSet& channels, const RatePolicy& policy, std::uint64_t offset,
                        Instant since) {
  for (ChannelIndex i = 0; i < shares_.size(); ++i)
    if (channels.test(i)) shares_[i].push_back({policy, offset, since});
}

/// With every change sent at once it is exactly that many.
std::uint64_t SampleTally::owed_at_most(ChannelIndex channel, const Share& share, Instant now) const {
  const bool fixed = share.policy.mode == RatePolicy::Mode::fixed;
  const Duration period = fixed ? share.policy.period : share.policy.min_period;
  const std::uint64_t changes = chronicle_.changes_since(channel, share.offset);
  if (period == Duration{0}) return changes;
  return static_cast<std::uint64_t>((now - share.since) / period) + 2;
}

std::string SampleTally::check(Instant now) const {
  for (ChannelIndex i = 0; i < shares_.size(); ++i) {
    if (disturbed_.test(i)) continue;
    std::uint64_t owed = 0;
    bool exact = true;
    for (const Share& share : shares_[i]) {
      owed += owed_at_most(i, share, now);
      exact = exact && is_exact(share.policy);
    }
    if (told_[i] > owed || (exact && told_[i] < owed))
      return "the counts of " + std::string{bench::kPaths[i]} + " come to " + std::to_string(told_[i]) +
             ", but there were " + std::to_string(owed);
  }
  return {};
}

}  // namespace signalbox::sim::storm
