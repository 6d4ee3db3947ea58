#include "telemetry/subscription.hpp"

#include <algorithm>
#include <cmath>

namespace signalbox::telemetry {
namespace {

Subscription::Seen sent_now(const device::Latest& latest) {
  return {latest.version, device::as_number(latest.sample.value), latest.sample.quality};
}

}  // namespace

Subscription::Subscription(const device::ChannelSet& channels, const RatePolicy& policy, std::span<Seen> seen,
                           const device::Values& values, Instant now)
    : channels_{channels}, policy_{policy}, seen_{seen} {
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    const device::Latest& latest = values.of(static_cast<device::ChannelIndex>(i));
    seen_[i] = sent_now(latest);
  }
  // All of a period, and of its multiples, have their beats at the same moments: what a subscriber is sent
  // then by several subscriptions goes out as one.
  if (policy_.mode == RatePolicy::Mode::fixed) next_due_ = earliest_ = next_multiple(now, policy_.period);
}

bool Subscription::changed(const device::Channel& channel, device::ChannelIndex index,
                           const device::Values& values) const {
  const device::Latest& latest = values.of(index);
  const Seen& sent = seen_[index];
  if (latest.version == sent.version) return false;
  if (channel.kind != device::ValueKind::number || policy_.deadband <= 0.0) return true;
  if (sent.differs || latest.sample.quality != sent.quality)
    return true;  // also back to good, however little it moved
  return std::abs(device::as_number(latest.sample.value) - sent.number) >= policy_.deadband;
}

void Subscription::shown(const device::Values& values) {
  for (std::size_t i = 0; i < seen_.size(); ++i)
    seen_[i].differs =
        seen_[i].differs || values.of(static_cast<device::ChannelIndex>(i)).version != seen_[i].version;
}

device::ChannelSet Subscription::due(const device::Roster& roster, const device::Values& values,
                                     Instant now) {
  device::ChannelSet sent;
  const std::span<const device::Channel> channels = roster.channels();
  const bool fixed = policy_.mode == RatePolicy::Mode::fixed;
  if (fixed && now < earliest_) return sent;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    if (!channels_.test(i)) continue;
    const bool beats = fixed && !channels[i].gone;
    if (beats || changed(channels[i], static_cast<device::ChannelIndex>(i), values)) sent.set(i);
  }
  if (!fixed && sent.any() && now < earliest_) {
    next_due_ = earliest_;
    return {};
  }
  next_due_ = kNever;
  if (fixed) {
    // Keeps its beat; beats missed while the machine was held up are not made up for.
    earliest_ += policy_.period * ((now - earliest_) / policy_.period + 1);
    next_due_ = earliest_;
  } else if (sent.any()) {
    earliest_ = now + policy_.min_period;
  }
  for (std::size_t i = 0; i < channels.size(); ++i) {
    if (!sent.test(i)) continue;
    const device::Latest& latest = values.of(static_cast<device::ChannelIndex>(i));
    seen_[i] = sent_now(latest);
  }
  return sent;
}

}  // namespace signalbox::telemetry
