#include "protocol/thing.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "protocol/dialect.hpp"
#include "protocol/json_writer.hpp"
#include "protocol/messages/telemetry.hpp"

namespace signalbox::protocol {
namespace {

using device::Channel;
using device::ValueKind;
using Words = std::initializer_list<std::string_view>;

constexpr std::string_view kHowTo =
    "Messages over one WebSocket: describe reads a property, subscribe observes it, command writes it.";

/// The channel's path with dots: slashes mean something in URLs and JSON pointers, and no level has a dot.
FixedText<kPathBytesMax> name_of(const Channel& channel) {
  std::array<char, kPathBytesMax> name{};
  const std::string_view path = channel.path;
  std::replace_copy(path.begin(), path.end(), name.begin(), '/', '.');
  return std::string_view{name.data(), path.size()};
}

std::string_view json_type_of(ValueKind kind) {
  if (kind == ValueKind::number) return "number";
  return kind == ValueKind::boolean ? "boolean" : "string";
}

void write_words(JsonWriter& writer, std::string_view name, Words words) {
  writer.key(name).begin_array();
  for (const std::string_view word : words) writer.text(word);
  writer.end_array();
}

/// The member `forms`: one, since all goes over the same socket.
void write_forms(JsonWriter& writer, std::string_view socket_url, Words operations) {
  writer.key("forms").begin_array().begin_object();
  writer.key("href").text(socket_url).key("subprotocol").text(envelope().name());
  write_words(writer, "op", operations);
  writer.end_object().end_array();
}

void write_property(JsonWriter& writer, const Channel& channel, bool writable, std::string_view socket_url) {
  writer.key(name_of(channel)).begin_object();
  writer.member_unless_empty("title", channel.title);
  writer.key("type").text(json_type_of(channel.kind));
  writer.member_unless_empty("unit", channel.unit);
  if (channel.kind == ValueKind::number)
    writer.key("minimum").number(channel.min).key("maximum").number(channel.max);
  if (channel.kind == ValueKind::enumeration) {
    writer.key("enum").begin_array();
    for (std::size_t i = 0; i < channel.labels_count; ++i) writer.text(channel.labels[i]);
    writer.end_array();
  }
  if (channel.kind == ValueKind::text) writer.key("maxLength").integer(device::Text::capacity);
  writer.key("readOnly").boolean(!writable).key("observable").boolean(true);
  if (writable)
    write_forms(writer, socket_url,
                {"readproperty", "writeproperty", "observeproperty", "unobserveproperty"});
  else
    write_forms(writer, socket_url, {"readproperty", "observeproperty", "unobserveproperty"});
  writer.end_object();
}

void write_action(JsonWriter& writer, std::string_view name, std::string_view title,
                  std::string_view socket_url) {
  writer.key(name).begin_object().key("title").text(title);
  writer.key("safe").boolean(false).key("idempotent").boolean(true);
  write_forms(writer, socket_url, {"invokeaction"});
  writer.end_object();
}

void write_event(JsonWriter& writer, std::string_view socket_url) {
  writer.key("events").begin_object().key("event").begin_object();
  writer.key("title").text("What happens to the device and its channels");
  writer.key("data").begin_object().key("type").text("object").key("properties").begin_object();
  for (const std::string_view member : {"name", "severity", "channel", "cause", "by"})
    writer.key(member).begin_object().key("type").text("string").end_object();
  writer.key("at").begin_object().key("type").text("integer").key("unit").text("ms").end_object();
  writer.end_object();
  write_words(writer, "required", {"name", "severity", "at"});
  writer.end_object();
  write_forms(writer, socket_url, {"subscribeevent", "unsubscribeevent"});
  writer.end_object().end_object();
}

void write_head(JsonWriter& writer, const View& view) {
  write_words(writer, "@context", {"https://www.w3.org/2022/wot/td/v1.1"});
  const FixedText<31>& id = view.roster.id;
  writer.key("id").text(format_text<63>("urn:signalbox:%s", id.c_str()));
  writer.key("title").text(view.roster.title.empty() ? id.view() : view.roster.title.view());
  writer.key("description").text(kHowTo);
  writer.key("version").begin_object().key("instance").text(view.firmware_version).end_object();
  writer.key("securityDefinitions").begin_object().key("token").begin_object();
  writer.key("scheme").text("bearer").key("in").text("header").key("format").text("jwt").key("alg").text(
      "ES256");
  writer.end_object().end_object();
  write_words(writer, "security", {"token"});
}

}  // namespace

void write_thing(JsonWriter& writer, const Principal& principal, std::string_view socket_url,
                 const View& view) {
  writer.begin_object();
  write_head(writer, view);
  bool moves_something = false;
  writer.key("properties").begin_object();
  for (const Channel& channel : view.roster.channels()) {
    if (channel.gone) continue;
    const bool writable = channel.is_output() && principal.may(Right::control, channel.path);
    moves_something = moves_something || writable;
    if (principal.may(Right::read, channel.path)) write_property(writer, channel, writable, socket_url);
  }
  writer.end_object();
  writer.key("actions").begin_object();
  if (moves_something)
    write_action(writer, "stop", "Every output goes to its safe value and stays there", socket_url);
  if (principal.may(Right::administer)) write_action(writer, "reset", "Ends a stop", socket_url);
  writer.end_object();
  write_event(writer, socket_url);
  writer.end_object();
}

}  // namespace signalbox::protocol
