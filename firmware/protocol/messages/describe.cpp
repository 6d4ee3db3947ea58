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

void write_output(JsonWriter& writer, const Channel& channel, const Principal& principal, const View& view) {
  const device::OutputRules& rules = *channel.output;
  writer.key("output").begin_object();
  writer.key("initial");
  write_value(writer, channel, rules.initial);
  writer.key("safe");
  write_value(writer, channel, rules.safe);
  writer.key("deadlineMs").integer(to_ms(rules.command_deadline));
  if (rules.feedback) write_feedback(writer, *rules.feedback, principal, view);
  writer.end_object();
}

/// What belongs to one kind only.
void write_kind(JsonWriter& writer, const Channel& channel) {
  writer.key("kind").text(wire_name(channel.kind));
  writer.member_unless_empty("unit", channel.unit);
  if (channel.kind == device::ValueKind::number)
    writer.key("range").begin_array().number(channel.min).number(channel.max).end_array();
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
