#include "control/failsafe.hpp"

#include <algorithm>

namespace signalbox::control {
namespace {

constexpr Duration kRetryAfter = from_ms(100);

Reason reason_of(hal::Completion completion) {
  return completion == hal::Completion::timed_out ? Reason::expired : Reason::failed;
}

}  // namespace

Failsafe::Failsafe(Outputs& outputs, std::span<Demand> demands, ActuationListener& listener)
    : outputs_{outputs}, demands_{demands}, listener_{listener} {
  std::fill(demands_.begin(), demands_.end(), Demand{});
}

void Failsafe::demand(device::ChannelIndex channel, const device::Value& value, Cause cause,
                      const Actor& actor, Instant now) {
  Demand& present = demands_[channel];
  if (present.active && (present.cause > cause || (present.cause == cause && present.value == value))) return;
  // What is under way for the demand before comes to its end first: `step` waits for the output.
  present = {.active = true,
             .driving = false,
             .cause = cause,
             .actor = actor,
             .value = value,
             .asked_at = now,
             .again_at = now};
}

void Failsafe::drive(device::ChannelIndex channel, Instant now) {
  Demand& demanded = demands_[channel];
  outputs_.drive(channel, demanded.value, now + kSafeWithin, now);
  demanded.driving = true;
  conclude(channel, now);  // a memory-mapped line answers at once
}

void Failsafe::conclude(device::ChannelIndex channel, Instant now) {
  Demand& demanded = demands_[channel];
  const hal::Completion completion = outputs_.driven(channel);
  if (!hal::is_final(completion)) return;
  outputs_.state(channel).moved_at = now;  // what was read meanwhile may be of before
  demanded.driving = false;
  const bool done = completion == hal::Completion::done;
  if (done || !demanded.failed) {
    Actuation actuation{.asked_at = demanded.asked_at,
                        .at = now,
                        .channel = channel,
                        .cause = demanded.cause,
                        .actor = demanded.actor,
                        .before = outputs_.state(channel).before,
                        .after = demanded.value,
                        .failed = std::nullopt};
    if (!done) actuation.failed = reason_of(completion);
    listener_.actuated(actuation);
  }
  demanded.active = !done;
  demanded.failed = !done;
  demanded.again_at = now + kRetryAfter;
}

bool Failsafe::is_settled() const {
  return std::all_of(demands_.begin(), demands_.end(),
                     [](const Demand& demanded) { return !demanded.active || demanded.failed; });
}

}  // namespace signalbox::control
