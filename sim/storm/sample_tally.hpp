#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/rate_policy.hpp"
#include "sim/storm/chronicle.hpp"

namespace signalbox::sim::storm {

/// How many samples of each channel one connection was told of, one by one or folded, against how many it
/// was owed.
class SampleTally {
 public:
  explicit SampleTally(const Chronicle& chronicle) : chronicle_{chronicle} {}

  /// A subscription of these channels counts from that offset of the device on; it was asked for at `since`.
  void begin(const device::ChannelSet& channels, const RatePolicy& policy, std::uint64_t offset,
             Instant since);
  /// A subscription of these ended or was replaced: what belongs to which cannot be told apart any more.
  void disturb(const device::ChannelSet& channels) { disturbed_ |= channels; }
  void told(device::ChannelIndex channel, double count) {
    told_[channel] += static_cast<std::uint64_t>(count);
  }

  /// Once everything that was published by that moment has come; what is wrong, empty: nothing.
  std::string check(Instant published, Instant now) const;

 private:
  struct Share {
    RatePolicy policy;
    std::uint64_t offset = 0;
    Instant since{};
  };
  static bool is_exact(const RatePolicy& policy) {
    return policy.mode == RatePolicy::Mode::instant && policy.min_period == Duration{0} &&
           policy.deadband == 0.0;
  }
  std::uint64_t owed_at_most(device::ChannelIndex channel, const Share& share, Instant now) const;

  const Chronicle& chronicle_;
  std::array<std::uint64_t, bench::kPaths.size()> told_{};
  std::array<std::vector<Share>, bench::kPaths.size()> shares_{};
  device::ChannelSet disturbed_;
};

}  // namespace signalbox::sim::storm
