#include "session/control_gate.hpp"

#include <algorithm>

#include "base/digest.hpp"
#include "session/clearance.hpp"

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
std::uint64_t digest_of(const Asked& asked) {
  Digest digest;
  for (const protocol::Write& write : asked.writes) add(digest, write);
  return digest.add(asked.terms.until).add(asked.terms.lease_ms).value();
}

/// The value that was asked for; of another kind than the channel's where there is none.
device::Value wanted(const device::Channel& channel, const protocol::Write& write) {
  if (write.action == device::Action::release) return channel.output->safe;
  const double* number = std::get_if<double>(&write.value);
  if (channel.kind == device::ValueKind::number && number != nullptr) return *number;  // also out of range
  if (const Result<device::Value> value = protocol::value_for(channel, write.value)) return *value;
  return channel.kind == device::ValueKind::text ? device::Value{} : device::Value{device::Text{}};
}

}  // namespace

void ControlGate::serve(const Exchange& exchange, const Asked& asked) {
  std::uint32_t memory_place = control::kNoPlace;
  if (!asked.terms.client_id.empty()) {
    const std::optional<std::uint32_t> place = place_to_remember(exchange, asked);
    if (!place) return;
    memory_place = *place;
  }
  protocol::Failure failure;
  Result<control::Command> command = intake_.take(exchange, asked, failure);
  if (command && exchange.session.commands_in_flight >= context_.limits.commands_in_flight)
    command = Error{Reason::busy, "as many commands are in flight as this session may have", {}, 100};
  if (command) {
    command->answer_to.memory_place = memory_place;
    const Result<void> submitted = controller_.submit(*command);
    if (submitted) return carry_out(exchange, *command);
    command = submitted.error();
  }
  if (memory_place != control::kNoPlace) answers_.forget(memory_place);
  failure.error = command.error();
  refuse(exchange, asked, failure);
}

/// Where the answer of a command with a `clientId` will be kept for a repeat. None: it was answered here, as
/// a repeat or since it cannot be kept.
std::optional<std::uint32_t> ControlGate::place_to_remember(const Exchange& exchange, const Asked& asked) {
  if (!exchange.header.has_id()) {
    refuse(exchange, asked,
           {{Reason::malformed, "found none beside a clientId; a repeat is known by both", "msgId"}});
    return std::nullopt;
  }
  const bool is_number = exchange.header.id == protocol::ReplyHeader::Id::number;
  const AnswerMemory::Lookup lookup =
      answers_.look_up({exchange.session.who()->name, asked.terms.client_id, exchange.header.reply_to,
                        digest_of(asked), is_number},
                       exchange.now);
  switch (lookup.found) {
    case AnswerMemory::Found::fresh: return lookup.place;
    case AnswerMemory::Found::different:
      refuse(exchange, asked,
             {{Reason::conflict, "this msgId of this clientId asked for something else before"}});
      break;
    case AnswerMemory::Found::full:
    case AnswerMemory::Found::share: refuse(exchange, asked, {no_place(lookup, exchange.now)}); break;
    case AnswerMemory::Found::answered:
      std::visit([&](const auto& body) { exchange.answer(body); }, answers_.answer(lookup.place));
      break;
    case AnswerMemory::Found::waiting:
      if (wait(exchange, lookup.place))
        exchange.session.outbox.progress(exchange.place, protocol::Progress{device::Rung::accepted});
      else
        exchange.fail({Reason::busy, "this command is waited for twice already", {}, 100});
      break;
  }
  return std::nullopt;
}

/// Answers that it is not carried out, and tells so of every output that who asked may move: what they ask of
/// others would only push out what happened.
void ControlGate::refuse(const Exchange& exchange, const Asked& asked, const protocol::Failure& failure) {
  counts_.add(failure.error.reason);
  exchange.answer(failure);
  for (const protocol::Write& write : asked.writes) {
    const Result<device::ChannelIndex> index = intake_.output(*exchange.session.who(), write.channel);
    if (!index) continue;
    context_.actuations.actuated({.asked_at = exchange.now,
                                  .at = exchange.now,
                                  .channel = *index,
                                  .actor = exchange.session.actor(),
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
  const std::uint32_t memory_place = command.answer_to.memory_place;
  if (memory_place != control::kNoPlace) wait(exchange, memory_place);
  if (command.until != device::Rung::accepted) {
    exchange.session.outbox.progress(exchange.place, protocol::Progress{device::Rung::accepted});
    return;
  }
  const protocol::Ack accepted{protocol::Ack::Outcome::accepted};
  if (memory_place == control::kNoPlace) return exchange.answer(accepted);
  answers_.finish(memory_place, accepted, exchange.now, [&](const Waiter&) { exchange.answer(accepted); });
}

void ControlGate::ended(const control::Progressed& progressed) {
  if (progressed.error)
    counts_.add(progressed.error->reason);
  else
    counts_.add(progressed.rung);
  if (Session* session = sessions_.find(progressed.answer_to.session)) --session->commands_in_flight;
}

std::variant<protocol::Ack, protocol::Failure> ControlGate::final_answer(
    const control::Progressed& progressed) {
  if (!progressed.error) {
    const bool verified = progressed.rung == device::Rung::verified;
    return protocol::Ack{verified ? protocol::Ack::Outcome::verified : protocol::Ack::Outcome::applied};
  }
  protocol::Failure failure{*progressed.error};
  for (const control::Refusal& refusal : progressed.refusals)
    failure.refused[failure.refused_count++] = {refusal.channel, refusal.reason};
  return failure;
}

void ControlGate::serve(const Exchange& exchange, const protocol::Renew& renew) {
  const Result<device::ChannelIndex> index = intake_.output(*exchange.session.who(), renew.channel);
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
  const Result<void> permitted = permit(clearance_for(steals ? "baton steal" : "baton"),
                                        exchange.session.who(), context_.clock.label(exchange.now));
  if (!permitted)
    return exchange.fail({permitted.error().reason, permitted.error().detail, "payload.action"});
  const device::BatonIndex baton = context_.roster.find_baton(asked.group);
  if (baton == device::kNoBaton)
    return exchange.fail({Reason::not_found, "no output belongs to a group of that name", "payload.group"});
  if (!may_move_any(*exchange.session.who(), baton))
    return exchange.fail({Reason::forbidden, "you may move no output of this group", "payload.group"});
  const control::Actor actor = exchange.session.actor();
  const control::Holder had = controller_.authority().baton(baton).held_by.holder;
  Result<void> done;
  Outcome outcome = Outcome::taken;
  switch (asked.action) {
    case protocol::AskBaton::Action::take: done = controller_.authority().take(baton, actor); break;
    case protocol::AskBaton::Action::request:
      done = controller_.authority().request(baton, actor);
      if (controller_.authority().baton(baton).held_by.holder != actor.holder) outcome = Outcome::requested;
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
  if (controller_.authority().baton(baton).held_by.holder != had)
    tell(exchange, outcome == Outcome::stolen ? "batonStolen" : "batonMoved",
         outcome == Outcome::stolen ? Severity::warning : Severity::info, baton);
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
      stop(*exchange.session.who(), exchange.session.actor(), exchange.now, exchange.header.trace_id);
  if (!stopped) return exchange.fail(stopped.error());
  exchange.answer(protocol::Ack::Outcome::stopped);
}

void ControlGate::serve(const Exchange& exchange, const protocol::Reset&) {
  const Result<void> reset =
      controller_.reset(exchange.session.actor(), exchange.now, exchange.header.trace_id);
  if (!reset) return exchange.fail(reset.error());
  exchange.answer(protocol::Ack::Outcome::reset);
}

void ControlGate::serve(const Exchange& exchange, const protocol::Reload&) {
  if (context_.reload_desk == nullptr)
    return exchange.fail({Reason::not_found, "this device's file cannot be read again; restart it"});
  if (!context_.reload_desk->ask(exchange.session.actor(), exchange.header.trace_id,
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
    const control::Actor& holder = controller_.authority().baton(baton).held_by;
    event.group = context_.roster.batons()[baton];
    event.holder = holder.name;
    event.holder_session = holder.session;
  }
  context_.news.add(event);
}

}  // namespace signalbox::session
