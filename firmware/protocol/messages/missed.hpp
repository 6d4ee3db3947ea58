#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/messages/subscribe.hpp"
#include "protocol/view.hpp"
#include "telemetry/recovery.hpp"

namespace signalbox::protocol {

class JsonWriter;

/// Part of what a subscriber that resumes has missed: the samples of its channels above the offset it knows
/// and up to `upto`, in the order of their offsets, and which of them are lost.
struct Missed {
  static constexpr std::string_view type = "missed";
  static constexpr bool is_final = false;
  SubscriptionId id;
  telemetry::Recovery recovery;
  std::uint64_t upto = 0;
};
void write_payload(JsonWriter& writer, const Missed& missed, const View& view);

}  // namespace signalbox::protocol
