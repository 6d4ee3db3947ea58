#include "protocol/messages/event.hpp"

#include "protocol/json_writer.hpp"
#include "protocol/messages/telemetry.hpp"

namespace signalbox::protocol {
namespace {

/// What an output held, and what it was told.
void write_movement(JsonWriter& writer, const Event& event, const device::Channel& channel) {
  if (event.before) {
    writer.key("from");
    write_value(writer, channel, *event.before);
  }
  if (event.after) {
    writer.key("to");
    write_value(writer, channel, *event.after);
  }
}

void write_alarm(JsonWriter& writer, const Event& event, const device::Channel& channel) {
  writer.key("alarm").text(event.alarm);
  for (const device::AlarmRule& rule : channel.alarms())  // a reload may have taken it away
    if (rule.name == event.alarm) writer.member_unless_empty("text", rule.text);
  if (event.raised > 0) writer.key("raised").counter(event.raised);
  if (event.after) {
    writer.key("value");
    write_value(writer, channel, *event.after);
  }
  if (event.quality) writer.key("quality").word(wire_name(*event.quality));
}

}  // namespace

void write_payload(JsonWriter& writer, const Event& event, const View& view) {
  writer.begin_object();
  writer.key("epoch").text(view.epoch);
  writer.key("offset").counter(event.offset);
  writer.key("name").text(event.name);
  writer.key("severity").word(wire_name(event.severity));
  writer.key("at").integer(view.clock.label(event.at).unix_ms);
  if (event.channel != device::kNoChannel) {
    const device::Channel& channel = view.roster.channels()[event.channel];
    writer.key("channel").text(channel.path);
    if (!event.alarm.empty())
      write_alarm(writer, event, channel);
    else
      write_movement(writer, event, channel);
  }
  writer.member_unless_empty("group", event.group);
  writer.member_unless_empty("holder", event.holder);
  writer.member_unless_empty("holderSession", event.holder_session);
  writer.member_unless_empty("cause", event.cause);
  writer.member_unless_empty("by", event.by);
  writer.member_unless_empty("session", event.session);
  if (event.reason) writer.key("reason").text(signalbox::wire_name(*event.reason));
  writer.end_object();
}

void write_payload(JsonWriter& writer, const EventGap& gap, const View& view) {
  writer.begin_object();
  writer.key("epoch").text(view.epoch);
  writer.key("lost").counter(gap.lost);
  writer.key("before").counter(gap.before);
  writer.end_object();
}

}  // namespace signalbox::protocol
