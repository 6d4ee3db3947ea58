#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/path_pattern.hpp"
#include "base/rate_policy.hpp"
#include "base/result.hpp"
#include "device/channel.hpp"
#include "protocol/view.hpp"

namespace signalbox::protocol {

class JsonReader;
class JsonWriter;

inline constexpr std::size_t kPatternsMax = 8;  ///< per subscription
using SubscriptionId = FixedText<31>;

/// Asks for telemetry; the same id again replaces the old subscription.
struct Subscribe {
  static constexpr std::string_view type = "subscribe";
  SubscriptionId id;
  std::array<FixedText<kPathBytesMax>, kPatternsMax> patterns{};  ///< member `paths`
  std::uint8_t patterns_count = 0;
  RatePolicy policy;
  bool events = false;  ///< what happens is wanted too
};
Result<Subscribe> read_subscribe(const JsonReader& payload);

struct Unsubscribe {
  static constexpr std::string_view type = "unsubscribe";
  SubscriptionId id;
};
Result<Unsubscribe> read_unsubscribe(const JsonReader& payload);

/// The answer to `subscribe`: epoch, offset and the latest sample of every channel it covers.
struct Snapshot {
  static constexpr std::string_view type = "snapshot";
  static constexpr bool is_final = true;
  SubscriptionId id;
  device::ChannelSet channels;
};
void write_payload(JsonWriter& writer, const Snapshot& snapshot, const View& view);

/// After the snapshot: from now on telemetry follows.
struct Synced {
  static constexpr std::string_view type = "synced";
  static constexpr bool is_final = false;
  SubscriptionId id;
  std::uint64_t offset = 0;  ///< the snapshot's
};
void write_payload(JsonWriter& writer, const Synced& synced, const View& view);

}  // namespace signalbox::protocol
