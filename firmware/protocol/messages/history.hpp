#pragma once

#include <cstdint>
#include <string_view>

#include "device/channel.hpp"
#include "protocol/patterns.hpp"
#include "protocol/view.hpp"

namespace signalbox::protocol {

class JsonReader;
class JsonWriter;

/// Where a page of history goes on. All pages of one question share one clock: so each sample is told once
/// and counted once, whatever the device's clock does meanwhile.
struct HistoryCursor {
  device::ChannelIndex channel = 0;
  std::uint64_t after = 0;      ///< entries of that channel up to this offset were told
  std::int64_t started_ms = 0;  ///< Unix time at which the device's monotonic clock was zero
};

/// What is asked of the past.
struct HistoryQuery {
  /// What can be told of a step, one bit each.
  enum Aggregate : std::uint8_t { last = 1, min = 2, max = 4, mean = 8, count = 16 };
  static constexpr std::uint8_t kAll = last | min | max | mean | count;

  std::int64_t from_ms = 0;  ///< Unix time by the device's clock; belongs to it
  std::int64_t to_ms = 0;    ///< does not
  std::int64_t step_ms = 0;  ///< 0: the samples as they are
  std::uint8_t aggregates = kAll;
  HistoryCursor cursor;
};

/// Asks for samples of the past, or what they came to in steps of time.
struct AskHistory {
  static constexpr std::string_view type = "history";
  Patterns paths;
  HistoryQuery query;
  FixedText<16> epoch{};  ///< the cursor's; empty: there was none
};
Result<AskHistory> read_history(const JsonReader& payload);

/// The answer: epoch, offset and a series for each channel, as much as fits; `cursor` where there is more.
struct HistoryPage {
  static constexpr std::string_view type = "history";
  static constexpr bool is_final = true;
  static constexpr bool is_page = true;
  device::ChannelSet channels;
  HistoryQuery query;
};
void write_payload(JsonWriter& writer, const HistoryPage& page, const View& view);

}  // namespace signalbox::protocol
