#pragma once

#include <span>

#include "base/instant.hpp"
#include "device/roster.hpp"
#include "device/values.hpp"
#include "telemetry/history.hpp"

namespace signalbox::telemetry {

/// Steps every part that is not leaving, and makes samples of what the parts report: calibrated, stamped with
/// time and quality, and put into the values and the history. A reading outside the channel's range becomes a
/// `fault`; a channel without readings becomes `stale`.
class Sampler final : private device::ReadingSink {
 public:
  /// `simulated`: the buses are, so their good readings are told as `simulated`.
  Sampler(device::Roster& roster, device::Values& values, History& history, bool simulated)
      : roster_{roster}, values_{values}, history_{history}, simulated_{simulated} {}

  /// Steps every part that has something to do, and looks for stale channels where there can be one; returns
  /// when something is due again.
  Instant step(Instant now);
  /// The channel's latest value says nothing any more. Its history stays.
  void forget(device::ChannelIndex channel, Instant now);
  /// The channel was declared anew; its value did not change.
  void redeclare(device::ChannelIndex channel);

 private:
  void do_reading(std::uint8_t port, const device::Value& value, Instant taken_at) override;
  void do_fault(std::uint8_t port, std::string_view why) override;
  void mark_stale();
  Instant stale_at(device::ChannelIndex index) const;
  void put(device::ChannelIndex index, const device::Sample& sample);
  void lower(device::ChannelIndex index, device::Quality quality);

  device::Roster& roster_;
  device::Values& values_;
  History& history_;
  bool simulated_;
  Instant now_{};
  Instant stale_at_ = kNever;           ///< no channel is stale before, other than those that are told
  const device::Part* part_ = nullptr;  ///< the one being stepped
};

}  // namespace signalbox::telemetry
