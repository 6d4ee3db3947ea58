#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/fixed_text.hpp"
#include "base/instant.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "protocol/messages/subscribe.hpp"
#include "protocol/view.hpp"

namespace signalbox::protocol {

class JsonReader;
class JsonWriter;

/// Asks for the log's lines: those that are kept, then each as it is written; or for no more of them.
struct FollowLog {
  static constexpr std::string_view type = "log";
  bool follow = true;
  std::optional<LastSeen> resume{};  ///< lines behind that one only
};
Result<FollowLog> read_follow_log(const JsonReader& payload);

/// A line of the log.
struct LogLine {
  static constexpr std::string_view type = "logLine";
  std::uint64_t offset = 0;
  Instant at{};  ///< as the last turn of the loop began
  Severity severity = Severity::info;
  FixedText<255> text{};
  std::uint64_t lost = 0;  ///< lines before it that nobody kept for this reader
};
void write_payload(JsonWriter& writer, const LogLine& line, const View& view);

}  // namespace signalbox::protocol
