#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "device/channel.hpp"
#include "protocol/view.hpp"

namespace signalbox::protocol {

class JsonWriter;

/// What a late reader missed of one channel: folded, not lost silently. `last` is in the values.
struct Fold {
  double min = kNoNumber;   ///< kNoNumber: none of them had a number
  double max = kNoNumber;
  std::uint32_t count = 0;  ///< samples folded into one; 0: none

  static constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

  /// `value` may be kNoNumber: a channel that was never read.
  void add(double value) {
    min = std::fmin(min, value);  // of a number and none: the number
    max = std::fmax(max, value);
    ++count;
  }
  bool has_numbers() const { return !std::isnan(min); }
};

/// New samples. With `folds` (one per channel of the device) each folded channel carries min, max and count,
/// and the payload how many samples were folded in all.
struct Telemetry {
  static constexpr std::string_view type = "telemetry";
  device::ChannelSet channels;
  std::span<const Fold> folds{};
};
void write_payload(JsonWriter& writer, const Telemetry& telemetry, const View& view);

/// One sample as it stands in telemetry and snapshots: `{channel, value, quality, at}`, `at` in Unix ms; with
/// a fold also `count` and, for numbers, `min` and `max`.
void write_sample(JsonWriter& writer, device::ChannelIndex channel, const Fold* fold, const View& view);

/// The member `samples` with these channels; how many samples were folded in all.
std::uint64_t write_samples(JsonWriter& writer, const device::ChannelSet& channels,
                            std::span<const Fold> folds, const View& view);

/// The members `value`, `quality` and `at` of a channel; before the first reading value and at are null.
void write_reading(JsonWriter& writer, device::ChannelIndex channel, const View& view);

/// A channel's value alone: number, boolean, text, or an enum's label.
void write_value(JsonWriter& writer, const device::Channel& channel, const device::Value& value);

}  // namespace signalbox::protocol
