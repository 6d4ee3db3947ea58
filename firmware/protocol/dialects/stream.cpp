#include "protocol/dialects/stream.hpp"

#include <algorithm>
#include <cinttypes>

#include "base/text_writer.hpp"
#include "protocol/dialects/http_query.hpp"
#include "protocol/json_writer.hpp"
#include "protocol/messages/telemetry.hpp"
#include "protocol/number_text.hpp"

namespace signalbox::protocol {
namespace {

using device::Latest;

/// Calls `write(index, channel, latest)` for each.
template <typename Write>
void each_sample(const device::ChannelSet& channels, const View& view, Write&& write) {
  for (device::ChannelIndex i = 0; i < view.roster.channels().size(); ++i)
    if (channels.test(i)) write(view.roster.channels()[i], view.values.of(i));
}

bool has_value(const Latest& latest) { return latest.was_read && device::is_usable(latest.sample.quality); }

std::int64_t time_of(const Latest& latest, const View& view) {
  return view.clock.label(latest.sample.taken_at).unix_ms;
}

void write_field(TextWriter& lines, const device::Channel& channel, const device::Value& value) {
  constexpr std::string_view kInText = "\"\\";
  if (const double* number = std::get_if<double>(&value))
    lines.put("value=").put(number_text(*number));
  else if (const bool* state = std::get_if<bool>(&value))
    lines.put(*state ? "state=true" : "state=false");
  else if (const device::Text* text = std::get_if<device::Text>(&value))
    lines.put("text=\"").escaped(*text, kInText).put("\"");
  else if (const std::size_t label = std::get<device::EnumIndex>(value).index; label < channel.labels_count)
    lines.put("text=\"").escaped(channel.labels[label], kInText).put("\"");
  else
    return;
  lines.put(",");
}

}  // namespace

bool Stream::do_tells(const Told& told) const {
  return std::holds_alternative<Snapshot>(told) || std::holds_alternative<Failure>(told);
}

Decoded Stream::do_decode(std::string_view text) const { return read_http(text); }

std::string_view Stream::do_encode(const Answer& answer, const Principal* principal, const View& view,
                                   std::span<char> into) const {
  if (const auto* snapshot = std::get_if<Snapshot>(&answer.body))
    return do_write(snapshot->channels, view, into);
  JsonWriter writer{into};
  write_payload(writer, answer.body, principal, view);
  return writer.fits() ? writer.written() : std::string_view{};
}

std::string_view Stream::do_encode(const Published& published, const View& view, std::span<char> into) const {
  const auto* telemetry = std::get_if<Telemetry>(&published);
  return telemetry != nullptr ? do_write(telemetry->channels, view, into) : std::string_view{};
}

std::string_view FlatStream::do_write(const device::ChannelSet& channels, const View& view,
                                      std::span<char> into) const {
  JsonWriter writer{into};
  writer.begin_object().key("time").integer(view.clock.label(view.now).unix_ms);
  each_sample(channels, view, [&](const device::Channel& channel, const Latest& latest) {
    writer.key(channel.path);
    if (has_value(latest))
      write_value(writer, channel, latest.sample.value);
    else
      writer.null();
  });
  return writer.end_message();
}

std::string_view LongStream::do_write(const device::ChannelSet& channels, const View& view,
                                      std::span<char> into) const {
  JsonWriter writer{into};
  writer.begin_array();
  each_sample(channels, view, [&](const device::Channel& channel, const Latest& latest) {
    writer.begin_object().key("time").integer(time_of(latest, view)).key("channel").text(channel.path);
    writer.key("value");
    if (has_value(latest))
      write_value(writer, channel, latest.sample.value);
    else
      writer.null();
    writer.key("quality").word(wire_name(latest.sample.quality)).end_object();
  });
  writer.end_array();
  return writer.fits() ? writer.written() : std::string_view{};
}

std::string_view InfluxStream::do_write(const device::ChannelSet& channels, const View& view,
                                        std::span<char> into) const {
  constexpr std::string_view kInTag = ", =\\";
  TextWriter lines{into};
  each_sample(channels, view, [&](const device::Channel& channel, const Latest& latest) {
    lines.put("signalbox,device=").escaped(view.roster.id, kInTag);
    lines.put(",channel=").escaped(channel.path, kInTag).put(" ");
    if (has_value(latest)) write_field(lines, channel, latest.sample.value);
    lines.put("quality=\"").put(wire_name(latest.sample.quality)).put("\" ");
    lines.put(format_text<31>("%" PRId64 "000000\n", time_of(latest, view)));
  });
  return lines.fits() ? lines.written() : std::string_view{};
}

}  // namespace signalbox::protocol
