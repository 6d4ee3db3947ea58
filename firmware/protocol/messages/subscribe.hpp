#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/rate_policy.hpp"
#include "base/result.hpp"
#include "device/channel.hpp"
#include "protocol/patterns.hpp"
#include "protocol/view.hpp"

namespace signalbox::protocol {

class JsonReader;
class JsonWriter;

using SubscriptionId = FixedText<31>;

/// What a subscriber knew when it was cut off.
struct LastSeen {
  FixedText<16> epoch;
  std::uint64_t offset = 0;
};
/// The member `resume`; none where it is left out.
Result<std::optional<LastSeen>> read_last_seen(const JsonReader& payload);

/// Asks for telemetry; the same id again replaces the old subscription.
struct Subscribe {
  static constexpr std::string_view type = "subscribe";
  SubscriptionId id;
  Patterns paths;
  RatePolicy policy;
  bool events = false;    ///< what happens is wanted too
  bool presence = false;  ///< and who comes and goes; with `events` only
  std::optional<LastSeen> resume{};
  bool once = false;  ///< the snapshot alone is wanted; no member of the payload says so
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
  std::optional<bool> recovered{};  ///< after `resume`: whether all that was missed has been told
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
