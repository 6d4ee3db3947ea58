#pragma once

#include <string_view>

#include "base/fixed_text.hpp"
#include "base/result.hpp"
#include "protocol/view.hpp"

namespace signalbox::protocol {

class JsonReader;
class JsonWriter;

/// Asks for a `pong`; browsers cannot see WebSocket pings.
struct Ping {
  static constexpr std::string_view type = "ping";
  FixedText<63> data;  ///< comes back unchanged; may be empty
};
Result<Ping> read_ping(const JsonReader& payload);

struct Pong {
  static constexpr std::string_view type = "pong";
  FixedText<63> data;  ///< a copy: the answer may wait longer than the request's tree lives
};
/// Payload: `deviceTime` (Unix ms), `uptimeMs` (monotonic), `data` where given.
void write_payload(JsonWriter& writer, const Pong& pong, const View& view);

}  // namespace signalbox::protocol
