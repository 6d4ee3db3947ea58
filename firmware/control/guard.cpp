#include "control/guard.hpp"

#include <algorithm>
#include <utility>

namespace signalbox::control {

void Guard::step(Instant now) {
  const bool is_blind = stop_is_blind(now);
  if (!stopped_ && (is_blind || stop_is_pressed())) stop(Actor{}, now);
  for (const device::ChannelIndex channel : outputs_.all()) watch(channel, now);
}

Instant Guard::next() const {
  Instant next = kNever;
  for (const device::ChannelIndex channel : outputs_.all())
    next = std::min({next, outputs_.state(channel).now.pulse_ends, authority_.lease(channel).ends});
  if (unread_since_ != kNever && !stopped_)
    next = std::min(next, unread_since_ + outputs_.channel(roster_.stop_input->channel).stale_after);
  return next;
}

/// Whether an output that was told to be safe has been read since, and is not: a write was lost.
bool Guard::reads_unsafe(device::ChannelIndex channel, Instant now) {
  const device::Latest& latest = outputs_.latest(channel);
  return outputs_.is_safe(channel) && !failsafe_.has_demand(channel) && outputs_.is_settled(channel, now) &&
         device::is_usable(latest.sample.quality) && !outputs_.reads_safe(channel);
}

void Guard::watch(device::ChannelIndex channel, Instant now) {
  const device::OutputRules& rules = outputs_.rules(channel);
  const device::Condition* broken = interlock_.broken(channel);
  const bool allowed = broken == nullptr;
  watch_switch(channel, broken);
  const bool is_switched = obeys_switch(channel, allowed, now);
  if (reads_unsafe(channel, now)) failsafe_.make_safe(channel, Cause::read_back, Actor{}, now);
  // A switch is stronger: what ends meanwhile moves nothing.
  if (outputs_.state(channel).now.pulse_ends <= now) {
    outputs_.state(channel).now.pulse_ends = kNever;
    if (!is_switched) failsafe_.make_safe(channel, Cause::pulse_ended, Actor{}, now);
  }
  if (authority_.has_run_out(channel, now)) {
    const Actor holder = authority_.lease(channel).held_by;
    authority_.end_lease(channel);
    if (!is_switched && !outputs_.rests_safe(channel, now))
      failsafe_.make_safe(channel, Cause::lease_ended, holder, now);
  }
  if (!allowed && !outputs_.is_safe(channel)) failsafe_.make_safe(channel, Cause::interlock, Actor{}, now);
  if (!is_switched)
    failsafe_.drop(channel, Cause::local_override);
  else if (!outputs_.holds(channel, rules.local_override->value))
    failsafe_.demand(channel, rules.local_override->value, Cause::local_override, Actor{}, now);
  // Nobody is there whose end would be seen.
  const bool is_held = is_switched || authority_.lease(channel).held_by.holder != kNobody;
  if (rules.lease && rules.lease->required && !is_held && !outputs_.is_safe(channel))
    failsafe_.make_safe(channel, Cause::lease_ended, Actor{}, now);
}

/// A switch that was closed stays so until it reads open. What a stop or an interlock ended comes back only
/// by opening and closing it again.
void Guard::watch_switch(device::ChannelIndex channel, const device::Condition* broken) {
  const auto& local = outputs_.rules(channel).local_override;
  if (!local || withheld_.test(channel)) return;
  const device::Sample& read = outputs_.latest(local->when.channel).sample;
  if (device::is_usable(read.quality)) closed_.set(channel, local->when.holds(read));
  if (!closed_.test(channel)) spent_.reset(channel);
  if (stopped_ || (broken != nullptr && outputs_.latest(broken->channel).was_read)) spent_.set(channel);
}

bool Guard::obeys_switch(device::ChannelIndex channel, bool allowed, Instant now) {
  if (stopped_ || shut_down_ || withheld_.test(channel) || !is_overridden(channel)) return false;
  const device::OutputRules& rules = outputs_.rules(channel);
  const device::Value& value = rules.local_override->value;
  if (value == rules.safe) return true;
  if (!allowed || spent_.test(channel)) return false;
  return clears_way({channel, value}, now) || outputs_.holds(channel, value);
}

/// Brings to their safe values the outputs that need this one to be otherwise; whether they are there.
bool Guard::clears_way(const Planned& planned, Instant now) {
  bool is_clear = true;
  for (const device::ChannelIndex other : outputs_.all()) {
    if (interlock_.against(planned, other) == nullptr) continue;
    if (outputs_.is_safe(other) && outputs_.is_settled(other, now) && outputs_.reads_safe(other)) continue;
    is_clear = false;
    if (!outputs_.is_safe(other)) failsafe_.make_safe(other, Cause::interlock, Actor{}, now);
  }
  return is_clear;
}

bool Guard::is_overridden(device::ChannelIndex channel) const {
  return outputs_.rules(channel).local_override && closed_.test(channel);
}

bool Guard::is_switch_unread(device::ChannelIndex channel) const {
  const auto& local = outputs_.rules(channel).local_override;
  return local && !device::is_usable(outputs_.latest(local->when.channel).sample.quality);
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

void Guard::stop(const Actor& actor, Instant now, std::string_view trace_id) {
  const bool again = std::exchange(stopped_, true);
  if (!again) listener_.stop_changed({.stopped = true, .at = now, .by = actor, .trace_id = trace_id});
  make_all_safe(Cause::stop, actor, now, again);
}

Result<void> Guard::reset(const Actor& actor, Instant now, std::string_view trace_id) {
  if (stop_is_pressed() || (roster_.stop_input && !outputs_.latest(roster_.stop_input->channel).was_read))
    return Error{Reason::stopped, "the stop on the device is still pressed, or cannot be read"};
  if (stopped_) listener_.stop_changed({.stopped = false, .at = now, .by = actor, .trace_id = trace_id});
  stopped_ = false;
  return {};
}

void Guard::withhold(const device::ChannelSet& outputs, const Actor& actor, Instant now) {
  withheld_ = outputs;
  closed_ &= ~outputs;
  spent_ &= ~outputs;
  for (const device::ChannelIndex channel : outputs_.all()) {
    if (!withheld_.test(channel)) continue;
    authority_.end_lease(channel);
    if (!outputs_.rests_safe(channel, now) || failsafe_.has_demand(channel))
      failsafe_.make_safe(channel, Cause::reload, actor, now);
  }
}

void Guard::shut_down(Instant now) {
  shut_down_ = true;
  make_all_safe(Cause::shutdown, Actor{}, now);
}

/// `again`: only those that do not rest there.
void Guard::make_all_safe(Cause cause, const Actor& actor, Instant now, bool again) {
  for (const device::ChannelIndex channel : outputs_.all()) {
    authority_.end_lease(channel);
    if (!again || !outputs_.rests_safe(channel, now)) failsafe_.make_safe(channel, cause, actor, now);
  }
}

void Guard::baton_lost(device::BatonIndex baton, const Actor& had, const Actor& by, Instant now) {
  if (had.holder == kNobody || had.holder == by.holder) return;
  for (const device::ChannelIndex channel : outputs_.all()) {
    if (outputs_.rules(channel).baton != baton) continue;
    if (authority_.lease(channel).held_by.holder != had.holder) continue;
    authority_.end_lease(channel);
    if (!outputs_.rests_safe(channel, now)) failsafe_.make_safe(channel, Cause::baton_lost, by, now);
  }
}

}  // namespace signalbox::control
