#pragma once

#include <string_view>

#include "base/principal.hpp"
#include "protocol/view.hpp"

namespace signalbox::protocol {

class JsonWriter;

/// Describes the device for machines that do not know us: a W3C Thing Description 1.1 of what `principal` may
/// read and move. `socket_url` is where the WebSocket is, such as `wss://bench.local:8443/v1/ws`.
void write_thing(JsonWriter& writer, const Principal& principal, std::string_view socket_url,
                 const View& view);

}  // namespace signalbox::protocol
