#include "protocol/messages/describe.hpp"

#include "protocol/json_reader.hpp"
#include "protocol/json_writer.hpp"
#include "protocol/messages/answer.hpp"
#include "protocol/messages/telemetry.hpp"

namespace signalbox::protocol {
namespace {

using device::Channel;
using device::ChannelIndex;

void write_feedback(JsonWriter& writer, const device::Feedback& feedback, const Principal& principal,
                    const View& view) {
  writer.key("feedback").begin_object();
  if (feedback.channel < view.roster.channels().size()) {
    const std::string_view path = view.roster.channels()[feedback.channel].path;
    if (principal.may(Right::read, path)) writer.key("channel").text(path);
  }
  writer.key("scale").number(feedback.scale);
  writer.key("offset").number(feedback.offset);
  writer.key("tolerance").number(feedback.tolerance);
  writer.key("verifyMs").integer(to_ms(feedback.within));
  writer.end_object();
}

void write_test(JsonWriter& writer, const device::Condition& condition, const Channel& watched) {
  switch (condition.test) {
    case device::Condition::Test::below: writer.key("below").number(condition.limit); break;
    case device::Condition::Test::above: writer.key("above").number(condition.limit); break;
    default: writer.key("is"); write_value(writer, watched, condition.value);
  }
}

/// The members of a condition; the channel's name is left out where it may not be read.
void write_condition(JsonWriter& writer, const device::Condition& condition, const Principal& principal,
                     const View& view) {
  const Channel& watched = view.roster.channels()[condition.channel];
  if (principal.may(Right::read, watched.path)) writer.key("channel").text(watched.path);
  write_test(writer, condition, watched);
}

void write_alarm(JsonWriter& writer, const device::AlarmRule& rule, const Channel& channel) {
  writer.key("name").text(rule.name);
  writer.member_unless_empty("text", rule.text);
  writer.key("severity").word(wire_name(rule.severity));
  if (rule.on_bad_quality)
    writer.key("quality").text("bad");
  else
    write_test(writer, rule.condition, channel);
  if (rule.deadband > 0.0) writer.key("deadband").number(rule.deadband);
  if (rule.on_delay > Duration{0}) writer.key("onDelayMs").integer(to_ms(rule.on_delay));
  if (rule.off_delay > Duration{0}) writer.key("offDelayMs").integer(to_ms(rule.off_delay));
  writer.key("acknowledge").boolean(rule.acknowledge);
}

/// How an alarm stands; once it is over, and nothing is owed for it, that is all there is to say.
void write_state(JsonWriter& writer, const telemetry::AlarmState& state, const View& view) {
  writer.key("state").word(wire_name(state.stage));
  if (state.stage == telemetry::AlarmState::Stage::normal) return;
  writer.key("since").integer(view.clock.label(state.since).unix_ms);
  writer.key("offset").counter(state.raised);
  writer.member_unless_empty("acknowledgedBy", state.acknowledged_by);
}

void write_alarms(JsonWriter& writer, ChannelIndex index, const View& view) {
  const Channel& channel = view.roster.channels()[index];
  if (channel.alarms().empty()) return;
  writer.key("alarms").begin_array();
  for (std::uint8_t i = 0; i < channel.alarms_count; ++i) {
    writer.begin_object();
    write_alarm(writer, channel.alarms()[i], channel);
    if (view.alarms != nullptr) write_state(writer, view.alarms->state({index, i}), view);
    writer.end_object();
  }
  writer.end_array();
}

/// What an output declares for the safety of those around it; left out: nothing declared.
void write_safety(JsonWriter& writer, const Channel& channel, const Principal& principal, const View& view) {
  const device::OutputRules& rules = *channel.output;
  if (rules.pulse_longest > Duration{0}) writer.key("pulseMaxMs").integer(to_ms(rules.pulse_longest));
  if (rules.lease) {
    writer.key("lease").begin_object().key("required").boolean(rules.lease->required);
    writer.key("maxMs").integer(to_ms(rules.lease->longest)).end_object();
  }
  if (rules.on_at_least > Duration{0}) writer.key("minOnMs").integer(to_ms(rules.on_at_least));
  if (rules.off_at_least > Duration{0}) writer.key("minOffMs").integer(to_ms(rules.off_at_least));
  if (rules.change_per_second > 0.0) writer.key("ratePerS").number(rules.change_per_second);
  if (rules.baton != device::kNoBaton) writer.key("baton").text(view.roster.batons()[rules.baton]);
  if (!rules.conditions().empty()) {
    writer.key("interlocks").begin_array();
    for (const device::Condition& condition : rules.conditions()) {
      writer.begin_object();
      write_condition(writer, condition, principal, view);
      writer.end_object();
    }
    writer.end_array();
  }
  if (rules.local_override) {
    writer.key("override").begin_object();
    write_condition(writer, rules.local_override->when, principal, view);
    writer.key("value");
    write_value(writer, channel, rules.local_override->value);
    writer.end_object();
  }
}

void write_output(JsonWriter& writer, const Channel& channel, const Principal& principal, const View& view) {
  const device::OutputRules& rules = *channel.output;
  writer.key("output").begin_object();
  writer.key("initial");
  write_value(writer, channel, rules.initial);
  writer.key("safe");
  write_value(writer, channel, rules.safe);
  writer.key("deadlineMs").integer(to_ms(rules.command_deadline));
  if (rules.feedback) write_feedback(writer, *rules.feedback, principal, view);
  write_safety(writer, channel, principal, view);
  writer.end_object();
}

/// What belongs to one kind only.
void write_kind(JsonWriter& writer, const Channel& channel) {
  writer.key("kind").word(wire_name(channel.kind));
  write_measure(writer, channel);
  if (channel.kind == device::ValueKind::enumeration) {
    writer.key("labels").begin_array();
    for (std::size_t i = 0; i < channel.labels_count; ++i) writer.text(channel.labels[i]);
    writer.end_array();
  }
}

void write_channel(JsonWriter& writer, ChannelIndex index, const Principal& principal, const View& view) {
  const Channel& channel = view.roster.channels()[index];
  writer.begin_object();
  writer.key("path").text(channel.path);
  writer.member_unless_empty("title", channel.title);
  write_kind(writer, channel);
  writer.key("access").begin_object();
  writer.key("read").boolean(true);
  writer.key("control").boolean(channel.is_output() && principal.may(Right::control, channel.path));
  writer.end_object();
  writer.key("staleMs").integer(to_ms(channel.stale_after));
  writer.key("version").counter(view.values.of(index).version);
  write_reading(writer, index, view);
  write_alarms(writer, index, view);
  if (channel.is_output()) write_output(writer, channel, principal, view);
  writer.end_object();
}

}  // namespace

Result<Describe> read_describe(const JsonReader& payload) {
  Describe describe;
  if (!payload.has("path")) return describe;
  const Result<std::string_view> pattern = payload.text("path", kPathBytesMax);
  if (!pattern) return pattern.error();
  if (!is_valid_pattern(*pattern))
    return payload.error(Reason::malformed, "path",
                         found_instead(*pattern, "a path such as cabin/heater, cabin/# or +/power"));
  describe.pattern = *pattern;
  return describe;
}

void write_payload(JsonWriter& writer, const Description& description, const Principal& principal,
                   const View& view) {
  const device::ChannelSet wanted = view.roster.matching(description.pattern);
  writer.begin_object();
  write_device(writer, view);
  write_limits(writer, view.limits);
  writer.key("channels").begin_array();
  for (ChannelIndex i = 0; i < view.roster.channels().size() && writer.fits(); ++i)
    if (wanted.test(i) && principal.may(Right::read, view.roster.channels()[i].path))
      write_channel(writer, i, principal, view);
  writer.end_array();
  writer.end_object();
}

}  // namespace signalbox::protocol
