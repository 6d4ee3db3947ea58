#include "session/command_intake.hpp"

#include <algorithm>

namespace signalbox::session {
namespace {

/// `payload.channel`, or `payload.writes[2].channel` for a write of a scene.
FixedText<31> field_of(const Asked& asked, std::size_t index, std::string_view field) {
  constexpr std::string_view kPayload = "payload.";
  const std::string_view member = field.substr(std::min(field.size(), kPayload.size()));
  const int size = static_cast<int>(member.size());
  if (!asked.is_scene) return format_text<31>("payload.%.*s", size, member.data());
  return format_text<31>("payload.writes[%zu].%.*s", index, size, member.data());
}

/// Of a channel that is not there, or that nobody is to know of, the field tells.
void note_refused(const Asked& asked, device::ChannelIndex channel, Reason reason,
                  protocol::Failure& failure) {
  if (asked.is_scene && reason != Reason::not_found)
    failure.refused[failure.refused_count++] = {channel, reason};
}

}  // namespace

Result<control::Command> CommandIntake::take(const Exchange& exchange, const Asked& asked,
                                             protocol::Failure& failure) const {
  control::Command command{.answer_to = {exchange.session.handle, exchange.place},
                           .actor = exchange.session.actor(),
                           .trace_id = exchange.header.trace_id,
                           .until = asked.terms.until,
                           .asked_at = exchange.now,
                           .lease = from_ms(asked.terms.lease_ms)};
  // The answer was given by then; nobody waits for another.
  if (command.until == device::Rung::accepted) command.answer_to.place = control::kNoPlace;
  if (const auto error = add_writes(*exchange.session.who(), asked, command, failure)) return *error;
  if (asked.terms.epoch && asked.terms.epoch->view() != context_.epoch.view())
    return Error{Reason::foreign_epoch, "meant for the device before its restart; it was not carried out",
                 "payload.epoch"};
  if (const auto error = settle_lease(asked, command, failure)) return *error;
  const Result<Instant> until = deadline(command, asked.terms, exchange.now);
  if (!until) return until.error();
  command.deadline = *until;
  return command;
}

/// Puts all writes into the command, or tells why not; the first mistake is the answer.
std::optional<Error> CommandIntake::add_writes(const Principal& who, const Asked& asked,
                                               control::Command& command, protocol::Failure& failure) const {
  std::optional<Error> first;
  for (std::size_t i = 0; i < asked.writes.size(); ++i) {
    const Result<control::Write> write = write_of(who, asked.writes[i]);
    if (write) {
      command.writes[command.writes_count++] = *write;
      continue;
    }
    Error error = write.error();
    error.field = field_of(asked, i, error.field);
    note_refused(asked, context_.roster.find(asked.writes[i].channel), error.reason, failure);
    if (!first) first = error;
  }
  return first;
}

/// The shortest lease that its outputs allow is that of all.
std::optional<Error> CommandIntake::settle_lease(const Asked& asked, control::Command& command,
                                                 protocol::Failure& failure) const {
  std::optional<Error> first;
  for (const control::Write& write : command.all()) {
    const Result<Duration> length = lease_length(command, write);
    if (length) {
      command.lease = *length;
      continue;
    }
    note_refused(asked, write.channel, length.error().reason, failure);
    if (!first) first = length.error();
  }
  return first;
}

Result<device::ChannelIndex> CommandIntake::output(const Principal& who, std::string_view path) const {
  const device::ChannelIndex index = context_.roster.find(path);
  if (index == device::kNoChannel || !(who.may(Right::read, path) || who.may(Right::control, path)))
    return Error{Reason::not_found, "there is no such channel; describe lists them", "payload.channel"};
  if (!context_.roster.channels()[index].is_output())
    return Error{Reason::forbidden, "this channel is measured, not moved", "payload.channel"};
  if (!who.may(Right::control, path))
    return Error{Reason::forbidden, "you may read this channel, not move it", "payload.channel"};
  return index;
}

Result<control::Write> CommandIntake::write_of(const Principal& who, const protocol::Write& write) const {
  const Result<device::ChannelIndex> index = output(who, write.channel);
  if (!index) return index.error();
  const device::Channel& channel = context_.roster.channels()[*index];
  control::Write prepared{.channel = *index, .action = write.action, .if_version = write.if_version};
  switch (write.action) {
    case device::Action::set: {
      const Result<device::Value> value = protocol::value_for(channel, write.value);
      if (!value) return value.error();
      prepared.value = *value;
      break;
    }
    case device::Action::toggle:
      if (channel.kind != device::ValueKind::boolean)
        return Error{Reason::malformed, "only a boolean channel can be toggled; use set", "payload.action"};
      break;
    case device::Action::pulse:
      if (channel.output->pulse_longest == Duration{0})
        return Error{Reason::malformed, "this channel takes no pulses (it declares no pulseMaxMs)",
                     "payload.action"};
      prepared.pulse = std::min(from_ms(write.pulse_ms), channel.output->pulse_longest);
      break;
    case device::Action::release: prepared.value = channel.output->safe; break;
  }
  return prepared;
}

/// How long that output allows the lease to be taken for; 0 where none is asked for and none is needed.
Result<Duration> CommandIntake::lease_length(const control::Command& command,
                                             const control::Write& write) const {
  const device::OutputRules& rules = *context_.roster.channels()[write.channel].output;
  if (command.lease > Duration{0}) {
    if (rules.lease) return std::min(command.lease, rules.lease->longest);
    return Error{Reason::malformed, "this output is not held by lease; expected it left out",
                 "payload.leaseMs"};
  }
  const bool leaves_safe = write.action != device::Action::release &&
                           !(write.action == device::Action::set && write.value == rules.safe);
  const bool has_one = context_.controller.authority().has_lease(write.channel, command.actor.holder);
  if (rules.lease && rules.lease->required && leaves_safe && !has_one)
    return Error{Reason::malformed,
                 format_text<95>("found nothing; expected 1 to %lld: this output moves only by lease",
                                 static_cast<long long>(to_ms(rules.lease->longest))),
                 "payload.leaseMs"};
  return Duration{0};
}

Result<Instant> CommandIntake::deadline(const control::Command& command, const protocol::Terms& terms,
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

}  // namespace signalbox::session
