#include "protocol/messages/ping.hpp"

#include "protocol/json_reader.hpp"
#include "protocol/json_writer.hpp"

namespace signalbox::protocol {

Result<Ping> read_ping(const JsonReader& payload) {
  Ping ping;
  const auto text = payload.optional_text("data", kPingBytesMax);
  if (!text) return text.error();
  ping.data = *text;
  return ping;
}

void write_payload(JsonWriter& writer, const Pong& pong, const View& view) {
  writer.begin_object();
  writer.key("deviceTime").integer(view.clock.label(view.now).unix_ms);
  writer.key("uptimeMs").integer(to_ms(view.now.time_since_epoch()));
  if (pong.has_data()) writer.key("data").text(pong.data());
  writer.end_object();
}

}  // namespace signalbox::protocol
