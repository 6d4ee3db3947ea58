#include "protocol/messages/event.hpp"

#include <array>

#include "protocol/json_writer.hpp"
#include "protocol/messages/telemetry.hpp"

namespace signalbox::protocol {
namespace {

constexpr std::string_view wire_name(Severity severity) {
  constexpr std::array<std::string_view, 3> names{"info", "warning", "error"};
  return names[static_cast<std::size_t>(severity)];
}

}  // namespace

void write_payload(JsonWriter& writer, const Event& event, const View& view) {
  writer.begin_object();
  writer.key("epoch").text(view.epoch);
  writer.key("offset").counter(event.offset);
  writer.key("name").text(event.name);
  writer.key("severity").text(wire_name(event.severity));
  writer.key("at").integer(view.clock.label(event.at).unix_ms);
  if (event.channel != device::kNoChannel) {
    const device::Channel& channel = view.roster.channels()[event.channel];
    writer.key("channel").text(channel.path);
    if (event.before) {
      writer.key("from");
      write_value(writer, channel, *event.before);
    }
    if (event.after) {
      writer.key("to");
      write_value(writer, channel, *event.after);
    }
  }
  writer.member_unless_empty("group", event.group);
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
