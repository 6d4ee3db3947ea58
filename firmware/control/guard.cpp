#include "control/guard.hpp"

#include <algorithm>

namespace signalbox::control {

void Guard::step(Instant now) {
  const bool is_blind = stop_is_blind(now);
  if (!stopped_ && (is_blind || stop_is_pressed())) stop(Actor{}, now);
  for (std::size_t i = 0; i < outputs_.channels(); ++i) {
    const auto channel = static_cast<device::ChannelIndex>(i);
    if (outputs_.has(channel)) watch(channel, now);
  }
}

Instant Guard::next() const {
  Instant next = kNever;
  for (std::size_t i = 0; i < outputs_.channels(); ++i) {
    const auto channel = static_cast<device::ChannelIndex>(i);
    if (outputs_.has(channel))
      next = std::min({next, outputs_.state(channel).now.pulse_ends, authority_.lease(channel).ends});
  }
  if (unread_since_ != kNever && !stopped_)
    next = std::min(next, unread_since_ + outputs_.channel(roster_.stop_input->channel).stale_after);
  return next;
}

/// Whether an output that was told to be safe has been read since, and is not: a write was lost.
bool Guard::reads_unsafe(device::ChannelIndex channel, Instant now) {
  const device::Latest& latest = outputs_.latest(channel);
  return outputs_.is_safe(channel) && !failsafe_.holds(channel) && outputs_.is_settled(channel, now) &&
         device::is_usable(latest.sample.quality) && !outputs_.reads_safe(channel);
}

void Guard::watch(device::ChannelIndex channel, Instant now) {
  if (reads_unsafe(channel, now)) failsafe_.make_safe(channel, Cause::read_back, Actor{}, now);
  if (outputs_.state(channel).now.pulse_ends <= now) {
    outputs_.state(channel).now.pulse_ends = kNever;
    failsafe_.make_safe(channel, Cause::pulse_ended, Actor{}, now);
  }
  if (authority_.has_run_out(channel, now)) {
    const Actor holder = authority_.lease(channel).holder;
    authority_.end_lease(channel);
    if (!outputs_.is_safe(channel)) failsafe_.make_safe(channel, Cause::lease_ended, holder, now);
  }
  const bool allowed = interlock_.broken(channel) == nullptr;
  if (!allowed && !outputs_.is_safe(channel)) failsafe_.make_safe(channel, Cause::interlock, Actor{}, now);
  const device::OutputRules& rules = outputs_.rules(channel);
  const bool is_switched = !stopped_ && !shut_down_ && !withheld_.test(channel) && is_overridden(channel) &&
                           (allowed || rules.local_override->value == rules.safe);
  if (!is_switched)
    failsafe_.drop(channel, Cause::local_override);
  else if (!outputs_.holds(channel, rules.local_override->value))
    failsafe_.demand(channel, rules.local_override->value, Cause::local_override, Actor{}, now);
  // Nobody is there whose end would be seen.
  const bool is_held = is_switched || authority_.lease(channel).holder.holder != kNobody;
  if (rules.lease && rules.lease->required && !is_held && !outputs_.is_safe(channel))
    failsafe_.make_safe(channel, Cause::lease_ended, Actor{}, now);
}

bool Guard::is_overridden(device::ChannelIndex channel) const {
  const auto& local = outputs_.rules(channel).local_override;
  return local && local->when.holds(outputs_.latest(local->when.channel).sample);
}

bool Guard::stop_is_pressed() const {
  if (!roster_.stop_input) return false;
  const device::Latest& button = outputs_.latest(roster_.stop_input->channel);
  // A button that was read once and cannot be read any more may have been pressed.
  return button.was_read &&
         (!device::is_usable(button.sample.quality) || roster_.stop_input->holds(button.sample.value));
}

/// Whether the wired stop has not been read for as long as a reading of it may be old: it may be pressed.
bool Guard::stop_is_blind(Instant now) {
  const bool is_unread = roster_.stop_input && !outputs_.latest(roster_.stop_input->channel).was_read;
  if (!is_unread)
    unread_since_ = kNever;
  else if (unread_since_ == kNever)
    unread_since_ = now;
  return is_unread && now - unread_since_ >= outputs_.channel(roster_.stop_input->channel).stale_after;
}

void Guard::stop(const Actor& actor, Instant now) {
  if (!stopped_) listener_.stop_changed({.stopped = true, .at = now, .by = actor});
  stopped_ = true;
  make_all_safe(Cause::stop, actor, now);
}

Result<void> Guard::reset(const Actor& actor, Instant now) {
  if (stop_is_pressed() || (roster_.stop_input && !outputs_.latest(roster_.stop_input->channel).was_read))
    return Error{Reason::stopped, "the stop on the device is still pressed, or cannot be read"};
  if (stopped_) listener_.stop_changed({.stopped = false, .at = now, .by = actor});
  stopped_ = false;
  return {};
}

void Guard::withhold(const device::ChannelSet& outputs, const Actor& actor, Instant now) {
  withheld_ = outputs;
  for (std::size_t i = 0; i < outputs_.channels(); ++i) {
    const auto channel = static_cast<device::ChannelIndex>(i);
    if (!withheld_.test(i) || !outputs_.has(channel)) continue;
    authority_.end_lease(channel);
    const bool rests = outputs_.is_safe(channel) && !outputs_.is_moving(channel, now);
    if (!rests || failsafe_.holds(channel)) failsafe_.make_safe(channel, Cause::reload, actor, now);
  }
}

void Guard::shut_down(Instant now) {
  shut_down_ = true;
  make_all_safe(Cause::shutdown, Actor{}, now);
}

void Guard::make_all_safe(Cause cause, const Actor& actor, Instant now) {
  for (std::size_t i = 0; i < outputs_.channels(); ++i) {
    const auto channel = static_cast<device::ChannelIndex>(i);
    if (!outputs_.has(channel)) continue;
    authority_.end_lease(channel);
    failsafe_.make_safe(channel, cause, actor, now);
  }
}

void Guard::baton_lost(device::BatonIndex baton, const Actor& had, const Actor& by, Instant now) {
  for (std::size_t i = 0; i < outputs_.channels(); ++i) {
    const auto channel = static_cast<device::ChannelIndex>(i);
    if (!outputs_.has(channel) || outputs_.rules(channel).baton != baton) continue;
    if (had.holder == kNobody || authority_.lease(channel).holder.holder != had.holder) continue;
    authority_.end_lease(channel);
    if (!outputs_.is_safe(channel)) failsafe_.make_safe(channel, Cause::baton_lost, by, now);
  }
}

}  // namespace signalbox::control
