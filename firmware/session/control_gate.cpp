#include "session/control_gate.hpp"

#include <algorithm>

#include "base/digest.hpp"
#include "session/gate.hpp"

namespace signalbox::session {
namespace {

void add(Digest& digest, const protocol::Write& write) {
  digest.add(write.channel).add(write.action).add(write.pulse_ms).add(write.value.index());
  if (const double* number = std::get_if<double>(&write.value)) digest.add(*number);
  if (const bool* boolean = std::get_if<bool>(&write.value)) digest.add(*boolean);
  if (const std::string_view* text = std::get_if<std::string_view>(&write.value)) digest.add(*text);
  digest.add(write.if_version.has_value()).add(write.if_version.value_or(0));
}

/// What was asked; times are left out where they only say how long it may wait.
std::uint64_t digest_of(std::span<const protocol::Write> writes, const protocol::Terms& terms) {
  Digest digest;
  for (const protocol::Write& write : writes) add(digest, write);
  return digest.add(terms.until).add(terms.lease_ms).value();
}

control::Actor actor_of(const Session& session) {
  return {session.holder, session.who()->name, session.id, session.peer};
}

/// The value that was asked for; of another kind than the channel's where there is none.
device::Value wanted(const device::Channel& channel, const protocol::Write& write) {
  if (write.action == protocol::Write::Action::release) return channel.output->safe;
  const double* number = std::get_if<double>(&write.value);
  if (channel.kind == device::ValueKind::number && number != nullptr) return *number;  // also out of range
  if (const Result<device::Value> value = protocol::value_for(channel, write.value)) return *value;
  return channel.kind == device::ValueKind::text ? device::Value{} : device::Value{device::Text{}};
}

/// `payload.channel`, or `payload.writes[2].channel` for a write of a scene.
FixedText<31> field_of(std::string_view place, std::size_t index, bool several, std::string_view field) {
  const std::string_view member = field.substr(std::min(field.size(), std::string_view{"payload."}.size()));
  const int size = static_cast<int>(place.size());
  const int member_size = static_cast<int>(member.size());
  if (!several) return format_text<31>("%.*s.%.*s", size, place.data(), member_size, member.data());
  return format_text<31>("%.*s[%zu].%.*s", size, place.data(), index, member_size, member.data());
}

}  // namespace

void ControlGate::serve(const Exchange& exchange, std::span<const protocol::Write> writes,
                        const protocol::Terms& terms, std::string_view place) {
  const bool named = !terms.client_id.empty();
  if (named && !exchange.header.has_id())
    return refuse(
        exchange, writes,
        Error{Reason::malformed, "found none beside a clientId; a repeat is known by both", "msgId"});
  AnswerMemory::Lookup lookup;
  if (named) {
    lookup =
        answers_.look_up({exchange.session.who()->name, terms.client_id, exchange.header.reply_to,
                          digest_of(writes, terms), exchange.header.id == protocol::ReplyHeader::Id::number},
                         exchange.now);
    switch (lookup.found) {
      case AnswerMemory::Found::different:
        return refuse(exchange, writes,
                      Error{Reason::conflict, "this msgId of this clientId asked for something else before"});
      case AnswerMemory::Found::full:
      case AnswerMemory::Found::share: return refuse(exchange, writes, no_place(lookup, exchange.now));
      case AnswerMemory::Found::answered:
        return std::visit([&](const auto& body) { exchange.answer(body); }, answers_.answer(lookup.place));
      case AnswerMemory::Found::waiting:
        if (wait(exchange, lookup.place))
          return exchange.session.outbox.progress(exchange.place, protocol::Progress{device::Rung::accepted});
        return exchange.fail({Reason::busy, "this command is waited for twice already", {}, 100});
      case AnswerMemory::Found::fresh: break;
    }
  }
  protocol::Failure failure;
  Result<control::Command> prepared = prepare(exchange, writes, terms, place, failure);
  if (prepared && exchange.session.commands_in_flight >= context_.limits.commands_in_flight)
    prepared = Error{Reason::busy, "as many commands are in flight as this session may have", {}, 100};
  if (prepared) {
    if (named) prepared->ticket.memory = lookup.place;
    const Result<void> submitted = controller_.submit(*prepared);
    if (submitted) return carry_out(exchange, *prepared);
    prepared = submitted.error();
  }
  if (named) answers_.forget(lookup.place);
  failure.error = prepared.error();
  refuse(exchange, writes, failure);
}

/// Answers that it is not carried out, and tells so of every output that who asked may move: what they ask of
/// others would only push out what happened.
void ControlGate::refuse(const Exchange& exchange, std::span<const protocol::Write> writes,
                         const protocol::Failure& failure) {
  counts_.add(failure.error.reason);
  exchange.answer(failure);
  for (const protocol::Write& write : writes) {
    const Result<device::ChannelIndex> index = output(*exchange.session.who(), write.channel);
    if (!index) continue;
    context_.actuations.actuated({.asked_at = exchange.now,
                                  .at = exchange.now,
                                  .channel = *index,
                                  .actor = actor_of(exchange.session),
                                  .trace_id = exchange.header.trace_id,
                                  .before = context_.values.of(*index).sample.value,
                                  .after = wanted(context_.roster.channels()[*index], write),
                                  .failed = failure.error.reason});
  }
}

/// Why the answer could not be remembered.
Error ControlGate::no_place(const AnswerMemory::Lookup& lookup, Instant now) const {
  Error error{Reason::busy,
              "no place is free to remember the answer for a repeat",
              {},
              static_cast<std::uint32_t>(to_ms(answers_.retry_after(lookup.place, now)))};
  if (lookup.found == AnswerMemory::Found::share)
    error.detail = format_text<95>(
        "%zu answers or more are remembered for your name, and the last places are for others",
        answers_.share());
  return error;
}

bool ControlGate::wait(const Exchange& exchange, std::uint32_t place) {
  return answers_.wait(place, {exchange.session.handle, exchange.place},
                       [this](Handle session) { return sessions_.find(session) != nullptr; });
}

void ControlGate::carry_out(const Exchange& exchange, const control::Command& command) {
  ++exchange.session.commands_in_flight;
  const std::uint32_t memory = command.ticket.memory;
  if (memory != control::kNoPlace) wait(exchange, memory);
  if (command.until != device::Rung::accepted) {
    exchange.session.outbox.progress(exchange.place, protocol::Progress{device::Rung::accepted});
    return;
  }
  const protocol::Ack accepted{protocol::Ack::Outcome::accepted};
  if (memory == control::kNoPlace) return exchange.answer(accepted);
  answers_.finish(memory, accepted, exchange.now, [&](const Waiter&) { exchange.answer(accepted); });
}

/// `failure` has which writes of several stand in the way.
Result<control::Command> ControlGate::prepare(const Exchange& exchange,
                                              std::span<const protocol::Write> writes,
                                              const protocol::Terms& terms, std::string_view place,
                                              protocol::Failure& failure) const {
  control::Command command{.ticket = {exchange.session.handle, exchange.place},
                           .actor = actor_of(exchange.session),
                           .trace_id = exchange.header.trace_id,
                           .until = terms.until,
                           .asked_at = exchange.now,
                           .lease = from_ms(terms.lease_ms)};
  // The answer was given by then; nobody waits for another.
  if (terms.until == device::Rung::accepted) command.ticket.place = control::kNoPlace;
  const bool several = place != "payload";
  std::optional<Error> first;
  const auto stands_in_the_way = [&](device::ChannelIndex channel, const Error& error) {
    if (!first) first = error;
    // Of a channel that is not there, or that nobody is to know of, the field tells.
    if (several && error.reason != Reason::not_found)
      failure.refused[failure.refused_count++] = {channel, error.reason};
  };
  for (std::size_t i = 0; i < writes.size(); ++i) {
    const Result<control::Write> write = prepare_write(*exchange.session.who(), writes[i]);
    if (write) {
      command.writes[command.writes_count++] = *write;
      continue;
    }
    Error error = write.error();
    error.field = field_of(place, i, several, error.field);
    stands_in_the_way(context_.roster.find(writes[i].channel), error);
  }
  if (first) return *first;
  if (terms.epoch && terms.epoch->view() != context_.epoch.view())
    return Error{Reason::foreign_epoch, "meant for the device before its restart; it was not carried out",
                 "payload.epoch"};
  for (const control::Write& write : command.all()) {
    const Result<Duration> lease = lease_length(command, write);
    if (lease)
      command.lease = *lease;
    else
      stands_in_the_way(write.channel, lease.error());
  }
  if (first) return *first;
  const Result<Instant> until = deadline(command, terms, exchange.now);
  if (!until) return until.error();
  command.deadline = *until;
  return command;
}

Result<device::ChannelIndex> ControlGate::output(const Principal& who, std::string_view path) const {
  const device::ChannelIndex index = context_.roster.find(path);
  if (index == device::kNoChannel || !(who.may(Right::read, path) || who.may(Right::control, path)))
    return Error{Reason::not_found, "there is no such channel; describe lists them", "payload.channel"};
  if (!context_.roster.channels()[index].is_output())
    return Error{Reason::forbidden, "this channel is measured, not moved", "payload.channel"};
  if (!who.may(Right::control, path))
    return Error{Reason::forbidden, "you may read this channel, not move it", "payload.channel"};
  return index;
}

Result<control::Write> ControlGate::prepare_write(const Principal& who, const protocol::Write& write) const {
  const Result<device::ChannelIndex> index = output(who, write.channel);
  if (!index) return index.error();
  const device::Channel& channel = context_.roster.channels()[*index];
  control::Write prepared{.channel = *index,
                          .action = static_cast<control::Write::Action>(write.action),
                          .if_version = write.if_version};
  switch (write.action) {
    case protocol::Write::Action::set: {
      const Result<device::Value> value = protocol::value_for(channel, write.value);
      if (!value) return value.error();
      prepared.value = *value;
      break;
    }
    case protocol::Write::Action::toggle:
      if (channel.kind != device::ValueKind::boolean)
        return Error{Reason::malformed, "only a boolean channel can be toggled; use set", "payload.action"};
      break;
    case protocol::Write::Action::pulse:
      if (channel.output->pulse_longest == Duration{0})
        return Error{Reason::malformed, "this channel takes no pulses (it declares no pulseMaxMs)",
                     "payload.action"};
      prepared.pulse = std::min(from_ms(write.pulse_ms), channel.output->pulse_longest);
      break;
    case protocol::Write::Action::release: prepared.value = channel.output->safe; break;
  }
  return prepared;
}

/// How long that output allows the lease to be taken for; 0 where none is asked for and none is needed.
Result<Duration> ControlGate::lease_length(const control::Command& command,
                                           const control::Write& write) const {
  const device::OutputRules& rules = *context_.roster.channels()[write.channel].output;
  if (command.lease > Duration{0}) {
    if (rules.lease) return std::min(command.lease, rules.lease->longest);
    return Error{Reason::malformed, "this output is not held by lease; expected it left out",
                 "payload.leaseMs"};
  }
  const bool leaves_safe = write.action != control::Write::Action::release &&
                           !(write.action == control::Write::Action::set && write.value == rules.safe);
  const bool has_one = controller_.authority().has_lease(write.channel, command.actor.holder);
  if (rules.lease && rules.lease->required && leaves_safe && !has_one)
    return Error{Reason::malformed,
                 format_text<95>("found nothing; expected 1 to %lld: this output moves only by lease",
                                 static_cast<long long>(to_ms(rules.lease->longest))),
                 "payload.leaseMs"};
  return Duration{0};
}

Result<Instant> ControlGate::deadline(const control::Command& command, const protocol::Terms& terms,
                                      Instant now) const {
  Duration within = from_ms(protocol::kDeadlineMax_ms);
  for (const control::Write& write : command.all())
    within = std::min(within, context_.roster.channels()[write.channel].output->command_deadline);
  if (terms.deadline_ms) within = from_ms(*terms.deadline_ms);
  if (terms.not_after_ms) {
    constexpr std::int64_t kDay_ms = 24 * 3600 * 1000;  // far beyond any deadline; keeps the sum in range
    const std::int64_t left_ms = *terms.not_after_ms - context_.clock.label(now).unix_ms;
    within = std::min(within, from_ms(std::clamp(left_ms, -kDay_ms, kDay_ms)));
  }
  if (within <= Duration{0})
    return Error{Reason::expired, "notAfter had passed when it came; it was not carried out",
                 "payload.notAfter"};
  return now + within;
}

void ControlGate::serve(const Exchange& exchange, const protocol::Renew& renew) {
  const Result<device::ChannelIndex> index = output(*exchange.session.who(), renew.channel);
  if (!index) return exchange.fail(index.error());
  const auto& rule = context_.roster.channels()[*index].output->lease;
  if (!rule) return exchange.fail({Reason::not_found, "this output is not held by lease", "payload.channel"});
  const Duration length = std::min(from_ms(renew.lease_ms), rule->longest);
  const Result<void> renewed = controller_.renew(*index, exchange.session.holder, length, exchange.now);
  if (!renewed) return exchange.fail(renewed.error());
  exchange.answer(protocol::Ack::Outcome::renewed);
}

void ControlGate::serve(const Exchange& exchange, const protocol::AskBaton& asked) {
  using Outcome = protocol::Ack::Outcome;
  const bool steals = asked.action == protocol::AskBaton::Action::steal;
  const Result<void> permitted = permit(demand_of(steals ? "baton steal" : "baton"), exchange.session.who(),
                                        context_.clock.label(exchange.now));
  if (!permitted)
    return exchange.fail({permitted.error().reason, permitted.error().detail, "payload.action"});
  const device::BatonIndex baton = context_.roster.find_baton(asked.group);
  if (baton == device::kNoBaton)
    return exchange.fail({Reason::not_found, "no output belongs to a group of that name", "payload.group"});
  if (!may_move_any(*exchange.session.who(), baton))
    return exchange.fail({Reason::forbidden, "you may move no output of this group", "payload.group"});
  const control::Actor actor = actor_of(exchange.session);
  const control::Holder had = controller_.authority().baton(baton).holder.holder;
  Result<void> done;
  Outcome outcome = Outcome::taken;
  switch (asked.action) {
    case protocol::AskBaton::Action::take: done = controller_.authority().take(baton, actor); break;
    case protocol::AskBaton::Action::request:
      done = controller_.authority().request(baton, actor);
      if (controller_.authority().baton(baton).holder.holder != actor.holder) outcome = Outcome::requested;
      break;
    case protocol::AskBaton::Action::grant:
      done = controller_.authority().grant(baton, actor.holder);
      outcome = Outcome::granted;
      break;
    case protocol::AskBaton::Action::steal:
      controller_.steal(baton, actor, exchange.now);
      outcome = Outcome::stolen;
      break;
  }
  if (!done) return exchange.fail(done.error());
  exchange.answer(outcome);
  if (outcome == Outcome::requested) tell(exchange, "batonRequested", Severity::info, baton);
  if (controller_.authority().baton(baton).holder.holder != had)
    tell(exchange, outcome == Outcome::stolen ? "batonStolen" : "batonMoved",
         outcome == Outcome::stolen ? Severity::warning : Severity::info, baton);
}

void ControlGate::go_on(Session& session, control::Holder holder) {
  const control::Holder own = std::exchange(session.holder, holder);
  controller_.authority().merge(own, actor_of(session));
}

Result<void> ControlGate::stop(const Principal& who, const control::Actor& actor, Instant now,
                               std::string_view trace_id) {
  if (!may_move_any(who))
    return Error{Reason::forbidden, "you may move nothing on this device, so you cannot stop it"};
  controller_.stop(actor, now, trace_id);
  return {};
}

void ControlGate::serve(const Exchange& exchange, const protocol::Stop&) {
  const Result<void> stopped =
      stop(*exchange.session.who(), actor_of(exchange.session), exchange.now, exchange.header.trace_id);
  if (!stopped) return exchange.fail(stopped.error());
  exchange.answer(protocol::Ack::Outcome::stopped);
}

void ControlGate::serve(const Exchange& exchange, const protocol::Reset&) {
  const Result<void> reset =
      controller_.reset(actor_of(exchange.session), exchange.now, exchange.header.trace_id);
  if (!reset) return exchange.fail(reset.error());
  exchange.answer(protocol::Ack::Outcome::reset);
}

void ControlGate::serve(const Exchange& exchange, const protocol::Reload&) {
  if (context_.reload_desk == nullptr)
    return exchange.fail({Reason::not_found, "this device's file cannot be read again; restart it"});
  if (!context_.reload_desk->ask(actor_of(exchange.session), exchange.header.trace_id,
                                 {exchange.session.handle, exchange.place}))
    exchange.fail({Reason::busy, "the device file is being reloaded already", {}, 1000});
}

bool ControlGate::may_move_any(const Principal& who, device::BatonIndex group) const {
  const auto channels = context_.roster.channels();
  return std::any_of(channels.begin(), channels.end(), [&](const device::Channel& channel) {
    return channel.is_output() && (group == device::kNoBaton || channel.output->baton == group) &&
           who.may(Right::control, channel.path);
  });
}

void ControlGate::tell(const Exchange& exchange, std::string_view name, Severity severity,
                       device::BatonIndex baton) {
  protocol::Event event{.at = exchange.now, .name = name, .severity = severity};
  event.by = exchange.session.who()->name;
  event.session = exchange.session.id;
  if (baton != device::kNoBaton) {
    const control::Actor& holder = controller_.authority().baton(baton).holder;
    event.group = context_.roster.batons()[baton];
    event.holder = holder.name;
    event.holder_session = holder.session;
  }
  context_.news.add(event);
}

}  // namespace signalbox::session
