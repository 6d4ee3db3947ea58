#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "device/channel.hpp"
#include "protocol/view.hpp"
#include "telemetry/history.hpp"

namespace signalbox::protocol {

class JsonWriter;

/// What a late reader missed of one channel: folded, not lost silently. `last` is in the values.
struct Fold {
  double min = 0.0;
  double max = 0.0;
  std::uint32_t count = 0;    ///< samples folded into one; 0: none
  std::uint32_t numbers = 0;  ///< those of them that have a number: a channel never read has none

  void add(double value) {
    min = numbers == 0 || value < min ? value : min;
    max = numbers == 0 || value > max ? value : max;
    ++numbers;
    ++count;
  }
  void add_without_number() { ++count; }
};

/// New samples. With `folds` (one per channel of the device) each folded channel carries min, max and count,
/// and the payload how many samples were folded in all.
struct Telemetry {
  static constexpr std::string_view type = "telemetry";
  device::ChannelSet channels;
  std::span<const Fold> folds{};
  device::ChannelSet unmeasured{};  ///< they tell, too, what they are measured in from now on
  bool more = false;                ///< what was folded did not fit: the rest of it follows
};
void write_payload(JsonWriter& writer, const Telemetry& telemetry, const View& view);

/// One sample as it stands in telemetry and snapshots: `{channel, value, quality, at}`, `at` in Unix ms; with
/// a fold also `count` and, for numbers, `min` and `max`; `unmeasured`: also what it is measured in, which
/// was not told yet.
void write_sample(JsonWriter& writer, device::ChannelIndex channel, const Fold* fold, bool unmeasured,
                  const View& view);

/// The member `samples` with these channels, and with the measures of those that are `unmeasured`; how many
/// samples were folded in all.
std::uint64_t write_samples(JsonWriter& writer, const device::ChannelSet& channels,
                            std::span<const Fold> folds, const device::ChannelSet& unmeasured,
                            const View& view);

/// The members `unit` and, for numbers, `range`.
void write_measure(JsonWriter& writer, const device::Channel& channel);

/// The members `offset`, `value`, `quality` and `at` of a sample of the past.
void write_past(JsonWriter& writer, const device::Channel& channel, const telemetry::History::Entry& entry,
                WallTime at);

/// The members `value`, `quality` and `at` of a channel; before the first reading value and at are null.
void write_reading(JsonWriter& writer, device::ChannelIndex channel, const View& view);

/// A channel's value alone: number, boolean, text, or an enum's label.
void write_value(JsonWriter& writer, const device::Channel& channel, const device::Value& value);

}  // namespace signalbox::protocol
