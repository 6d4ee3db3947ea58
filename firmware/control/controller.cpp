#include "control/controller.hpp"

#include <algorithm>

namespace signalbox::control {

Result<void> Controller::submit(const Command& command) {
  if (is_shut_down_) return Error{Reason::stopped, "the device is shutting down"};
  if (!queue_.push(command))
    return Error{Reason::overloaded, "too many commands in flight on this device", {}, 100};
  return {};
}

Instant Controller::step(Instant now) {
  take_all_driven(now);
  for (QueuedCommand& queued : queue_.in_order())
    if (queued.stage == Stage::verifying) verify(queued, now);
  secure(now);
  if (guard_.withheld().any()) refuse_withheld(now);
  for (QueuedCommand& queued : queue_.in_order())
    if (queued.stage == Stage::waiting) start(queued, now);
  Instant next = std::min(make_demanded(now), guard_.next());  // what has just started may have its own end
  queue_.remove_finished();
  for (const QueuedCommand& queued : queue_.in_order()) next = std::min(next, next_deadline(queued, now));
  return next;
}

/// What safety demands, before any command moves.
void Controller::secure(Instant now) {
  const bool was_stopped = guard_.is_stopped();
  guard_.step(now);
  take_all_driven(now);  // what was withdrawn has ended
  make_demanded(now);
  if (guard_.is_stopped() && !was_stopped) refuse_waiting("the device was stopped", now);
}

Instant Controller::make_demanded(Instant now) {
  return failsafe_.step(
      now, [this](device::ChannelIndex channel) { return is_driving(channel); },
      [this](device::ChannelIndex channel) {
        // An output that reads otherwise is told the same again: whether it follows is still to be seen.
        if (failsafe_.cause_of(channel) != Cause::read_back)
          supersede(channel, "applied, but the device made the output safe before it was verified");
      });
}

void Controller::start(QueuedCommand& queued, Instant now) {
  if (now >= queued.command.deadline) {
    fail_unmoved(queued,
                 {Reason::expired, "its deadline passed before it could be carried out; it never will be"},
                 now);
    return;
  }
  if (!is_its_turn(queued, now) || !plan(queued, now) || !is_permitted(queued, now)) return;
  drive(queued, now);
  // A simulated or memory-mapped line answers at once.
  take_driven(queued, now);
  if (queued.stage == Stage::verifying) verify(queued, now);
}

bool Controller::is_its_turn(const QueuedCommand& queued, Instant now) {
  bool free = is_first_on_its_channels(queued);
  for (const Write& write : queued.command.all())
    if (outputs_.is_moving(write.channel, now) || failsafe_.has_demand(write.channel)) free = false;
  return free;
}

/// Settles what each output is to hold. False where it has to wait, or has failed.
bool Controller::plan(QueuedCommand& queued, Instant now) {
  for (std::size_t i = 0; i < queued.command.writes_count; ++i) {
    const Write& write = queued.command.writes[i];
    const device::Value& safe = outputs_.rules(write.channel).safe;
    queued.planned[i] = {write.channel, write.value};
    if (write.action == Write::Action::release) queued.planned[i].value = safe;
    if (write.action == Write::Action::pulse) queued.planned[i].value = device::as_number(safe) == 0.0;
    const device::Latest& present = outputs_.latest(write.channel);
    const bool depends_on_present = write.action == Write::Action::toggle || write.if_version;
    // Not read back since it moved: it waits for that.
    if (depends_on_present && !outputs_.is_settled(write.channel, now)) return false;
    if (write.action != Write::Action::toggle) continue;
    const bool* on = std::get_if<bool>(&present.sample.value);
    if (on == nullptr || !device::is_usable(present.sample.quality)) {
      fail_unmoved(queued, {Reason::failed, "its present state is not known, so it cannot be toggled"}, now);
      return false;
    }
    queued.planned[i].value = !*on;
  }
  return true;
}

/// All or none: one write that may not be refuses them all, each with its reason.
bool Controller::is_permitted(QueuedCommand& queued, Instant now) {
  // What an output was told last is not yet what it does: those that depend on each other are read first.
  const bool is_settled = interlock_.is_settled(queued.plan(), now);
  std::array<Refusal, kWritesMax> refusals{};
  std::size_t refused = 0;
  Error first{};
  for (std::size_t i = 0; i < queued.command.writes_count; ++i) {
    const Write& write = queued.command.writes[i];
    Result<void> permitted = permit(queued.command, write, queued.planned[i], now);
    if (permitted && is_settled && write.action != Write::Action::release)
      if (const auto forbidden = interlock_.forbids(queued.planned[i], queued.plan(), now))
        permitted = *forbidden;
    if (permitted) continue;
    if (refused == 0) first = permitted.error();
    refusals[refused++] = {write.channel, permitted.error().reason};
  }
  if (refused == 0) return is_settled;
  fail_unmoved(queued, first, now, std::span{refusals}.first(refused));
  return false;
}

/// Whether who asked may move it so. Interlocks are asked apart.
Result<void> Controller::permit(const Command& command, const Write& write, const Planned& planned,
                                Instant now) const {
  const bool releases = write.action == Write::Action::release;
  if (guard_.is_stopped() && !releases)
    return Error{Reason::stopped, "the device is stopped; send reset first"};
  if (guard_.is_overridden(write.channel))
    return Error{Reason::held, "a switch on the device has this output"};
  if (guard_.is_switch_unread(write.channel) && planned.value != outputs_.rules(write.channel).safe)
    return Error{Reason::held, "the switch on the device that may have this output cannot be read"};
  const Result<void> free = authority_.may_move(write.channel, command.actor.holder, now);
  if (!free) return free.error();
  if (write.if_version && *write.if_version != outputs_.latest(write.channel).version)
    return Error{Reason::conflict,
                 format_text<95>("the channel is at version %llu by now",
                                 static_cast<unsigned long long>(outputs_.latest(write.channel).version)),
                 "payload.ifVersion"};
  if (releases) return {};
  const device::OutputRules& rules = outputs_.rules(write.channel);
  const bool leased =
      command.lease > Duration{0} || authority_.has_lease(write.channel, command.actor.holder);
  if (rules.lease && rules.lease->required && planned.value != rules.safe && !leased)
    return Error{Reason::held, "your lease of this output has run out"};
  if (write.action == Write::Action::pulse && write.pulse < rules.on_at_least)
    return Error{Reason::out_of_range,
                 format_text<95>("a pulse of %lld ms is too short: expected at least minOnMs, %lld",
                                 static_cast<long long>(to_ms(write.pulse)),
                                 static_cast<long long>(to_ms(rules.on_at_least))),
                 "payload.pulseMs"};
  return {};
}

void Controller::drive(QueuedCommand& queued, Instant now) {
  const Command& command = queued.command;
  queued.stage = Stage::driving;
  for (std::size_t i = 0; i < command.writes_count; ++i) {
    const Write& write = command.writes[i];
    supersede(write.channel, "applied, but a newer command moved the output before it was verified");
    queued.new_leases[i] = command.lease > Duration{0} && write.action != Write::Action::release &&
                           !authority_.has_lease(write.channel, command.actor.holder);
    if (queued.new_leases[i]) authority_.take_lease(write.channel, command.actor, command.lease, now);
    outputs_.drive(write.channel, queued.planned[i].value, command.deadline, now,
                   write.action == Write::Action::pulse ? write.pulse : Duration{0});
  }
}

bool Controller::is_first_on_its_channels(const QueuedCommand& queued) {
  for (const QueuedCommand& other : queue_.in_order()) {
    if (&other == &queued) return true;
    if (other.stage != Stage::waiting && other.stage != Stage::driving) continue;
    for (const Write& write : queued.command.all())
      if (other.command.moves(write.channel)) return false;
  }
  return true;
}

bool Controller::is_driving(device::ChannelIndex channel) {
  for (const QueuedCommand& queued : queue_.in_order())
    if (queued.stage == Stage::driving && queued.command.moves(channel)) return true;
  return false;
}

void Controller::supersede(device::ChannelIndex channel, std::string_view why) {
  for (QueuedCommand& queued : queue_.in_order()) {
    if (queued.stage == Stage::verifying && queued.command.moves(channel))
      fail(queued, {Reason::superseded, why});
  }
}

void Controller::refuse_waiting(std::string_view why, Instant now) {
  for (QueuedCommand& queued : queue_.in_order()) {
    if (queued.stage == Stage::waiting) fail_unmoved(queued, {Reason::stopped, why}, now);
  }
}

void Controller::dismiss(Holder holder, Instant now) {
  for (QueuedCommand& queued : queue_.in_order()) {
    if (queued.command.actor.holder != holder) continue;
    if (queued.stage == Stage::waiting)
      fail_unmoved(queued, {Reason::forbidden, "who asked may do nothing any more"}, now);
    else if (queued.stage == Stage::driving)
      withdraw(queued, {Reason::forbidden,
                        "withdrawn before it reached the hardware: who asked may do nothing any more"});
  }
  authority_.dismiss(holder, now);
}

void Controller::refuse_withheld(Instant now) {
  for (QueuedCommand& queued : queue_.in_order()) {
    const auto all = queued.command.all();
    if (std::none_of(all.begin(), all.end(),
                     [this](const Write& write) { return guard_.withheld().test(write.channel); }))
      continue;
    if (queued.stage == Stage::waiting)
      fail_unmoved(queued,
                   {Reason::superseded, "the device file changes this output; it was not carried out"}, now);
    else if (queued.stage == Stage::verifying)
      fail(queued,
           {Reason::superseded, "applied, but the device file changes this output; it was made safe"});
  }
}

device::ChannelIndex Controller::first_unsettled(Instant now) {
  const auto queued = queue_.in_order();
  for (const device::ChannelIndex channel : outputs_.all()) {
    if (!guard_.withheld().test(channel)) continue;
    const bool rests = outputs_.rests_safe(channel, now) && !failsafe_.has_demand(channel);
    if (!rests || std::any_of(queued.begin(), queued.end(),
                              [channel](const QueuedCommand& each) { return each.command.moves(channel); }))
      return channel;
  }
  return device::kNoChannel;
}

void Controller::begin_anew(device::ChannelIndex channel, Instant now) {
  failsafe_.forget(channel);
  authority_.end_lease(channel);
  outputs_.begin(channel, now, true);
}

void Controller::redeclare(device::ChannelIndex channel, const device::Value& holds, const Actor& actor,
                           Instant now) {
  outputs_.state(channel).now.value = holds;
  if (!outputs_.is_safe(channel)) failsafe_.make_safe(channel, Cause::reload, actor, now);
}

Instant Controller::next_deadline(const QueuedCommand& queued, Instant now) const {
  switch (queued.stage) {
    case Stage::waiting: return queued.command.deadline;
    case Stage::driving: return queued.command.deadline + kPortGrace + Duration{1};
    case Stage::verifying: {
      Instant next = kNever;
      for (const Planned& planned : queued.plan()) {
        const auto& feedback = outputs_.rules(planned.channel).feedback;
        // A time that has passed belongs to a feedback that agrees already.
        if (feedback && queued.applied_at + feedback->within > now)
          next = std::min(next, queued.applied_at + feedback->within);
      }
      return next;
    }
    default: return kNever;
  }
}

void Controller::stop(const Actor& actor, Instant now, std::string_view trace_id) {
  guard_.stop(actor, now, trace_id);
  secure(now);  // outputs first, however many wait for an answer
  refuse_waiting("the device was stopped; it was not carried out", now);
  queue_.remove_finished();
}

bool Controller::shut_down(Instant now) {
  if (!is_shut_down_) {
    refuse_waiting("the device is shutting down; it was not carried out", now);
    guard_.shut_down(now);
  }
  is_shut_down_ = true;
  secure(now);
  queue_.remove_finished();
  const auto queued = queue_.in_order();
  const bool driving = std::any_of(queued.begin(), queued.end(),
                                   [](const QueuedCommand& each) { return each.stage == Stage::driving; });
  return failsafe_.is_settled() && !driving;
}

}  // namespace signalbox::control
