#include "protocol/messages/telemetry.hpp"

#include <algorithm>

#include "protocol/json_writer.hpp"

namespace signalbox::protocol {
namespace {

/// The channel's fold, or nullptr where nothing was folded.
const Fold* fold_of(std::span<const Fold> folds, device::ChannelIndex channel) {
  return channel < folds.size() && folds[channel].count > 0 ? &folds[channel] : nullptr;
}

/// `value` is nullptr before the first reading.
void write_stamped(JsonWriter& writer, const device::Channel& channel, const device::Value* value,
                   device::Quality quality, WallTime at) {
  writer.key("value");
  if (value != nullptr)
    write_value(writer, channel, *value);
  else
    writer.null();
  writer.key("quality").word(wire_name(quality));
  writer.key("at");
  if (value != nullptr)
    writer.integer(at.unix_ms);
  else
    writer.null();
}

}  // namespace

void write_value(JsonWriter& writer, const device::Channel& channel, const device::Value& value) {
  if (const double* number = std::get_if<double>(&value)) {
    writer.number(*number);
  } else if (const bool* boolean = std::get_if<bool>(&value)) {
    writer.boolean(*boolean);
  } else if (const device::Text* text = std::get_if<device::Text>(&value)) {
    writer.text(*text);
  } else {
    const std::size_t label = std::get<device::EnumIndex>(value).index;
    if (label < channel.labels_count)
      writer.text(channel.labels[label]);
    else
      writer.null();
  }
}

void write_past(JsonWriter& writer, const device::Channel& channel, const telemetry::History::Entry& entry,
                WallTime at) {
  writer.key("offset").counter(entry.offset);
  write_stamped(writer, channel, entry.was_read ? &entry.value : nullptr, entry.quality, at);
}

void write_reading(JsonWriter& writer, device::ChannelIndex channel, const View& view) {
  const device::Latest& latest = view.values.of(channel);
  const device::Sample& sample = latest.sample;
  write_stamped(writer, view.roster.channels()[channel], latest.was_read ? &sample.value : nullptr,
                sample.quality, view.clock.label(sample.taken_at));
}

void write_measure(JsonWriter& writer, const device::Channel& channel) {
  writer.member_unless_empty("unit", channel.unit);
  if (channel.kind == device::ValueKind::number)
    writer.key("range").begin_array().number(channel.min).number(channel.max).end_array();
}

void write_sample(JsonWriter& writer, device::ChannelIndex channel, const Fold* fold, bool unmeasured,
                  const View& view) {
  const device::Channel& declared = view.roster.channels()[channel];
  writer.begin_object();
  writer.key("channel").text(declared.path);
  write_reading(writer, channel, view);
  if (unmeasured) write_measure(writer, declared);
  if (fold != nullptr) {
    if (declared.kind == device::ValueKind::number && fold->numbers > 0) {
      // The value shown is the present one, which may be newer than what was folded; or none, after a reload.
      const device::Latest& latest = view.values.of(channel);
      const double present = device::as_number(latest.sample.value);
      writer.key("min").number(latest.was_read ? std::min(fold->min, present) : fold->min);
      writer.key("max").number(latest.was_read ? std::max(fold->max, present) : fold->max);
    }
    writer.key("count").integer(fold->count);
  }
  writer.end_object();
}

std::uint64_t write_samples(JsonWriter& writer, const device::ChannelSet& channels,
                            std::span<const Fold> folds, const device::ChannelSet& unmeasured,
                            const View& view) {
  std::uint64_t folded = 0;
  writer.key("samples").begin_array();
  for (device::ChannelIndex i = 0; i < view.roster.channels().size() && writer.fits(); ++i) {
    if (!channels.test(i)) continue;
    const Fold* fold = fold_of(folds, i);
    if (fold != nullptr) folded += fold->count;
    write_sample(writer, i, fold, unmeasured.test(i), view);
  }
  writer.end_array();
  return folded;
}

void write_payload(JsonWriter& writer, const Telemetry& telemetry, const View& view) {
  writer.begin_object();
  writer.key("epoch").text(view.epoch);
  writer.key("offset").counter(view.values.offset());
  const std::uint64_t folded =
      write_samples(writer, telemetry.channels, telemetry.folds, telemetry.unmeasured, view);
  if (folded > 0) writer.key("folded").counter(folded);
  if (telemetry.more) writer.key("more").boolean(true);
  writer.end_object();
}

}  // namespace signalbox::protocol
