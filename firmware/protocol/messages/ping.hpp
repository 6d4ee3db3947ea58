#pragma once

#include <string_view>

#include "base/result.hpp"
#include "protocol/view.hpp"

namespace signalbox::protocol {

class JsonReader;
class JsonWriter;

/// Asks for a `pong`; browsers cannot see WebSocket pings.
struct Ping {
  static constexpr std::string_view type = "ping";
  std::string_view data;  ///< comes back unchanged; may be empty
};
Result<Ping> read_ping(const JsonReader& payload);

struct Pong {
  static constexpr std::string_view type = "pong";
  std::string_view data;
};
/// Payload: `deviceTime` (Unix ms), `uptimeMs` (monotonic), `data` where given.
void write_payload(JsonWriter& writer, const Pong& pong, const View& view);

}  // namespace signalbox::protocol
