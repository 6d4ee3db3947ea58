#include "control/failsafe.hpp"

#include <algorithm>

#include "control/outcome.hpp"

namespace signalbox::control {
namespace {

constexpr Duration kRetryAfter = from_ms(100);

}  // namespace

Failsafe::Failsafe(Outputs& outputs, std::span<Demand> demands, ActuationListener& listener)
    : outputs_{outputs}, demands_{demands}, listener_{listener} {
  std::fill(demands_.begin(), demands_.end(), Demand{});
}

void Failsafe::demand(device::ChannelIndex channel, const device::Value& value, Cause cause,
                      const Actor& actor, Instant now) {
  Demand& present = demands_[channel];
  if (present.active && (present.cause > cause || (present.cause == cause && present.value == value))) return;
  // What is under way to another value must not come after this; if it has reached the hardware, `step`
  // waits.
  if (outputs_.state(channel).now.value != value) outputs_.withdraw(channel);
  present = {.active = true,
             .driving = present.driving,
             .cause = cause,
             .actor = actor,
             .value = value,
             .asked_at = now,
             .again_at = now};
}

void Failsafe::drop(device::ChannelIndex channel, Cause cause) {
  Demand& present = demands_[channel];
  if (!present.active || present.cause != cause) return;
  present.active = false;
  if (present.driving) outputs_.withdraw(channel);
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
  const device::Value before = outputs_.state(channel).before.value;
  const bool is_of_before = outputs_.state(channel).now.value != demanded.value;
  outputs_.conclude(channel, completion, now);
  demanded.driving = false;
  if (is_of_before) return;  // a stronger demand came meanwhile
  const bool done = completion == hal::Completion::done;
  if (done || (demanded.active && !demanded.failed)) {
    Actuation actuation{.asked_at = demanded.asked_at,
                        .at = now,
                        .channel = channel,
                        .cause = demanded.cause,
                        .actor = demanded.actor,
                        .before = before,
                        .after = demanded.value,
                        .failed = std::nullopt};
    if (!done) actuation.failed = reason_of(completion);
    listener_.actuated(actuation);
  }
  demanded.active = demanded.active && !done;
  demanded.failed = !done;
  demanded.again_at = now + kRetryAfter;
}

bool Failsafe::is_settled() const {
  return std::all_of(demands_.begin(), demands_.end(),
                     [](const Demand& demanded) { return !demanded.active || demanded.failed; });
}

}  // namespace signalbox::control
