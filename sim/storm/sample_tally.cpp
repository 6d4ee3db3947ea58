#include "sim/storm/sample_tally.hpp"

#include <algorithm>

namespace signalbox::sim::storm {

using device::ChannelIndex;

void SampleTally::begin(const device::ChannelSet& channels, const RatePolicy& policy, std::uint64_t offset,
                        Instant since) {
  for (ChannelIndex i = 0; i < bench::kChannels; ++i)
    if (channels.test(i)) shares_[i].push_back({policy, offset, since});
}

std::uint64_t SampleTally::owed_at_most(ChannelIndex channel, const Share& share, Instant now) const {
  const bool fixed = share.policy.mode == RatePolicy::Mode::fixed;
  const Duration period = fixed ? share.policy.period : share.policy.min_period;
  // Where others of equal subscriptions were not told what was too near, one that has just come is told it,
  // too, once more.
  const std::uint64_t again = share.policy.deadband > 0.0 ? 1 : 0;
  if (period == Duration{0}) return chronicle_.changes(channel, share.offset, now) + again;
  return static_cast<std::uint64_t>((now - share.since) / period) + 2;
}

std::string SampleTally::check(Instant published, Instant now) const {
  for (ChannelIndex i = 0; i < bench::kChannels; ++i) {
    if (disturbed_.test(i)) continue;
    std::uint64_t least = 0;
    std::uint64_t most = 0;
    bool exact = true;
    for (const Share& share : shares_[i]) {
      least += chronicle_.changes(i, share.offset, published);
      most += owed_at_most(i, share, now);
      exact = exact && is_exact(share.policy);
    }
    if (told_[i] > most || (exact && told_[i] < least))
      return "the counts of " + std::string{bench::kPaths[i]} + " come to " + std::to_string(told_[i]) +
             ", but there were " + std::to_string(exact ? least : most);
  }
  return {};
}

}  // namespace signalbox::sim::storm
