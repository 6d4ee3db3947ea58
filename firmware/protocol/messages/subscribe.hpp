#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/path_pattern.hpp"
#include "base/result.hpp"
#include "device/channel.hpp"
#include "protocol/view.hpp"

namespace signalbox::protocol {

class JsonReader;
class JsonWriter;

inline constexpr std::size_t kPatternsMax = 8;  ///< per subscription
using SubscriptionId = FixedText<31>;

/// When a subscription's telemetry is sent.
struct RatePolicy {
  enum class Mode : std::uint8_t {
    instant,  ///< as soon as a value changes, at most every `min_period`
    fixed,    ///< all its channels every `period`
  };
  Mode mode = Mode::instant;
  Duration period = from_ms(1000);     ///< fixed: 50 ms to 1 h
  Duration min_period = from_ms(100);  ///< instant: 0 to 1 h
  double deadband = 0.0;               ///< instant: numbers that moved less are not sent; >= 0

  friend bool operator==(const RatePolicy&, const RatePolicy&) = default;
};

/// Asks for telemetry; the same id again replaces the old subscription.
struct Subscribe {
  static constexpr std::string_view type = "subscribe";
  SubscriptionId id;
  std::array<FixedText<kPathBytesMax>, kPatternsMax> patterns{};  ///< member `paths`
  std::uint8_t patterns_count = 0;
  RatePolicy policy;
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
  SubscriptionId id;
  device::ChannelSet channels;
};
void write_payload(JsonWriter& writer, const Snapshot& snapshot, const View& view);

/// After the snapshot: from now on telemetry follows.
struct Synced {
  static constexpr std::string_view type = "synced";
  SubscriptionId id;
};
void write_payload(JsonWriter& writer, const Synced& synced, const View& view);

}  // namespace signalbox::protocol
