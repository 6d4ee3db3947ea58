#pragma once

#include <cstdint>
#include <span>

#include "base/instant.hpp"
#include "base/rate_policy.hpp"
#include "device/roster.hpp"
#include "device/values.hpp"

namespace signalbox::telemetry {

/// Decides which of a set of channels are to be sent, and when, under a rate policy.
class Subscription {
 public:
  /// What was last sent of one channel.
  struct Seen {
    std::uint64_t version = 0;
    double number = 0.0;
    device::Quality quality = device::Quality::stale;
    bool differs = false;  ///< somebody was shown another value since: the next one is due however near it is
  };

  /// `seen` has a place for every channel of the device. What the values hold now counts as sent: it is in
  /// the subscriber's snapshot.
  Subscription(const device::ChannelSet& channels, const RatePolicy& policy, std::span<Seen> seen,
               const device::Values& values, Instant now);

  /// The channels to send at this moment; none where nothing changed enough or it is too early. What is
  /// returned counts as sent.
  device::ChannelSet due(const device::Roster& roster, const device::Values& values, Instant now);
  /// One more subscriber was sent a snapshot of the values. Where it differs from what the others were sent
  /// last, the next sample is due however small its change: deadbands count from what was sent, and that is
  /// not the same for all any more.
  void shown(const device::Values& values);
  /// When to ask again although nothing new is sampled.
  Instant next_due() const { return next_due_; }

  const device::ChannelSet& channels() const { return channels_; }
  const RatePolicy& policy() const { return policy_; }

 private:
  bool changed(const device::Channel& channel, device::ChannelIndex index,
               const device::Values& values) const;

  device::ChannelSet channels_;
  RatePolicy policy_;
  std::span<Seen> seen_;
  Instant earliest_{};  ///< nothing is sent before
  Instant next_due_ = kNever;
};

}  // namespace signalbox::telemetry
