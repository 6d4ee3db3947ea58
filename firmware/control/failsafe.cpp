#include "control/failsafe.hpp"

#include <algorithm>
#include <utility>

#include "control/outcome.hpp"

namespace signalbox::control {
namespace {

constexpr Duration kRetryAfter = from_ms(100);
constexpr Duration kTellEvery = from_ms(60'000);

}  // namespace

Failsafe::Failsafe(Outputs& outputs, std::span<Demand> demands, ActuationListener& listener)
    : outputs_{outputs}, demands_{demands}, listener_{listener} {
  std::fill(demands_.begin(), demands_.end(), Demand{});
}

void Failsafe::demand(device::ChannelIndex channel, const device::Value& value, Cause cause,
                      const Actor& actor, Instant now) {
  Demand& present = demands_[channel];
  const Wanted& wanted = present.wanted;
  if (present.active && (wanted.cause > cause || (wanted.cause == cause && wanted.value == value))) return;
  // What is under way to another value must not come after this; if it has reached the hardware, `step`
  // waits.
  if (outputs_.state(channel).now.value != value) outputs_.withdraw(channel);
  const device::Value& safe = outputs_.rules(channel).safe;
  if (present.active && wanted.value == safe && value != safe) present.displaced = wanted;
  present.active = true;
  present.failed = false;
  present.wanted = {.cause = cause, .actor = actor, .value = value, .asked_at = now};
  if (present.driven.value == value) present.driven = present.wanted;  // what is under way will do
  // What reads otherwise although it was driven is driven again, but not as fast as it can be read.
  present.again_at = cause == Cause::read_back ? std::max(now, present.again_at) : now;
}

void Failsafe::drop(device::ChannelIndex channel, Cause cause) {
  Demand& present = demands_[channel];
  if (!present.active || present.wanted.cause != cause) return;
  present.active = present.displaced.has_value();
  if (present.displaced) present.wanted = *std::exchange(present.displaced, std::nullopt);
  if (present.driving) outputs_.withdraw(channel);
}

void Failsafe::drive(device::ChannelIndex channel, Instant now) {
  Demand& demanded = demands_[channel];
  outputs_.drive(channel, demanded.wanted.value, now + kSafeWithin, now);
  demanded.driving = true;
  demanded.driven = demanded.wanted;
  conclude(channel, now);  // a memory-mapped line answers at once
}

void Failsafe::conclude(device::ChannelIndex channel, Instant now) {
  Demand& demanded = demands_[channel];
  const hal::Completion completion = outputs_.driven(channel);
  if (!hal::is_final(completion)) return;
  const bool done = completion == hal::Completion::done;
  const bool reads_otherwise = demanded.driven.cause == Cause::read_back;
  Actuation actuation{.asked_at = demanded.driven.asked_at,
                      .at = now,
                      .channel = channel,
                      .cause = demanded.driven.cause,
                      .actor = demanded.driven.actor,
                      .before = reads_otherwise ? outputs_.latest(channel).sample.value
                                                : outputs_.state(channel).before.value,
                      .after = demanded.driven.value,
                      .failed = std::nullopt};
  if (!done) actuation.failed = reason_of(completion);
  outputs_.conclude(channel, completion, now);
  demanded.driving = false;
  if (is_to_be_told(demanded, done, now)) {
    if (reads_otherwise) demanded.told_at = now;
    demanded.failure_told = !done;
    listener_.actuated(actuation);
  }
  if (demanded.wanted.value != demanded.driven.value) return;  // a stronger demand came meanwhile
  demanded.active = demanded.active && !done;
  if (done) demanded.displaced.reset();
  demanded.failed = !done;
  demanded.again_at = now + kRetryAfter;
}

/// What fails again and again is told once, and that it is over; what reads otherwise again and again is told
/// once a minute: neither is to push everything else out of the journal.
bool Failsafe::is_to_be_told(const Demand& demanded, bool done, Instant now) {
  const bool is_due = demanded.driven.cause != Cause::read_back || demanded.told_at == Instant::min() ||
                      now - demanded.told_at >= kTellEvery;
  if (done) return is_due || demanded.failure_told;
  return is_due && demanded.active && !demanded.failed && demanded.wanted.value == demanded.driven.value;
}

bool Failsafe::is_settled() const {
  return std::all_of(demands_.begin(), demands_.end(),
                     [](const Demand& demanded) { return !demanded.active || demanded.failed; });
}

}  // namespace signalbox::control
