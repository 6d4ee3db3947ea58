#pragma once

#include <string_view>

#include "base/result.hpp"
#include "protocol/view.hpp"

namespace signalbox::protocol {

class JsonReader;
class JsonWriter;

/// Longest `data`, in bytes.
inline constexpr std::size_t kPingBytesMax = 4096;

/// Asks for a `pong`; browsers cannot see WebSocket pings.
struct Ping {
  static constexpr std::string_view type = "ping";
  std::string_view data;  ///< comes back unchanged; may be empty
};
Result<Ping> read_ping(const JsonReader& payload);

struct Pong {
  static constexpr std::string_view type = "pong";
  std::string_view data;  ///< lies in the request, so a pong with data is rendered at once
};
/// Payload: `deviceTime` (Unix ms), `uptimeMs` (monotonic), `data` where given.
void write_payload(JsonWriter& writer, const Pong& pong, const View& view);

}  // namespace signalbox::protocol
