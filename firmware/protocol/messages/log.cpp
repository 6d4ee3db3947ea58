#include "protocol/messages/log.hpp"

#include "protocol/json_reader.hpp"
#include "protocol/json_writer.hpp"

namespace signalbox::protocol {

Result<FollowLog> read_follow_log(const JsonReader& payload) {
  FollowLog asked;
  if (payload.has("follow")) {
    const Result<bool> follow = payload.flag("follow");
    if (!follow) return follow.error();
    asked.follow = *follow;
  }
  const Result<std::optional<LastSeen>> resume = read_last_seen(payload);
  if (!resume) return resume.error();
  asked.resume = *resume;
  return asked;
}

void write_payload(JsonWriter& writer, const LogLine& line, const View& view) {
  writer.begin_object();
  writer.key("epoch").text(view.epoch);
  writer.key("offset").counter(line.offset);
  writer.key("at").integer(view.clock.label(line.at).unix_ms);
  writer.key("severity").word(wire_name(line.severity));
  writer.key("text").text(line.text);
  if (line.lost > 0) writer.key("lost").counter(line.lost);
  writer.end_object();
}

}  // namespace signalbox::protocol
