#include "sim/storm/tongue.hpp"

#include <array>
#include <utility>

#include "base/json_document.hpp"

namespace signalbox::sim::storm {
namespace {

/// What a payload by HTTP is, by a member that no other has.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kToldBy{
    {{"reason", "error"}, {"outcome", "ack"}, {"series", "history"}, {"samples", "snapshot"}}};

constexpr std::string_view kTrace = R"("traceId":"trace\u0009")";

bool is_json(std::string_view text) { return JsonDocument{text}.top() != nullptr; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<Tongue::Heard> hear_envelope(JsonView message) {
  Tongue::Heard heard;
  message.each_member([&](std::string_view member, JsonView value) {
    if (member == "type") heard.type = value.plain();
    if (member == "replyTo") heard.reply_to = value;
    if (member == "payload") heard.payload = value;
  });
  if (heard.type.empty()) return std::nullopt;
  return heard;
}

/// A response has an id and a result or an error; a notification has a method and params.
std::optional<Tongue::Heard> hear_jsonrpc(JsonView message) {
  Tongue::Heard heard;
  std::string_view version;
  JsonView id;
  JsonView error;
  message.each_member([&](std::string_view member, JsonView value) {
    if (member == "jsonrpc") version = value.plain();
    if (member == "id") id = value;
    if (member == "method") heard.type = value.plain();
    if (member == "error") error = value;
    if (member == "params" || member == "result") heard.payload = value;
  });
  const bool is_response = id.exists();
  if (version != "2.0" || is_response == !heard.type.empty()) return std::nullopt;
  if (!is_response) {
    heard.reply_to = heard.payload["replyTo"];
    return heard;
  }
  if (error.exists() == heard.payload.exists()) return std::nullopt;
  if (!id.is_null()) heard.reply_to = id;
  if (error.exists()) heard.payload = error["data"];
  heard.type = error.exists() ? "error" : heard.payload["type"].plain();
  return heard;
}

/// The payload alone, or an event of a stream: its type, perhaps its id, its data.
std::optional<Tongue::Heard> hear_http(std::string_view text) {
  Tongue::Heard heard;
  if (text.starts_with('{')) {
    if (!is_json(text)) return std::nullopt;
    heard.payload = JsonView{text};
    for (const auto& [member, type] : kToldBy)
      if (heard.type.empty() && heard.payload[member].exists()) heard.type = type;
    return heard;
  }
  while (!text.starts_with('\n')) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos || line.size() == text.size()) return std::nullopt;
    text.remove_prefix(line.size() + 1);
    const std::string_view value = line.substr(colon + 2);
    if (line.starts_with("event")) heard.type = value;
    if (!line.starts_with("data")) continue;
    if (!is_json(value)) return std::nullopt;
    heard.payload = JsonView{value};
  }
  if (text != "\n" || heard.type.empty() || !heard.payload.exists()) return std::nullopt;
  return heard;
}

}  // namespace

std::string Tongue::say(std::string_view type, std::string_view id, bool traced,
                        std::string_view payload) const {
  std::string text;
  text.reserve(payload.size() + 160);
  const bool is_number = !id.empty() && is_digit(id.front());
  const auto add_id = [&](std::string_view member) {
    if (id.empty()) return;
    text.append(",\"").append(member).append(is_number ? "\":" : "\":\"").append(id);
    if (!is_number) text += '"';
  };
  if (is_envelope()) {
    text.append(R"({"type":")").append(type).append("\"");
    add_id("msgId");
    if (traced) text.append(",").append(kTrace).append(R"(,"timestamp":1763683200123)");
    if (!payload.empty()) text.append(R"(,"payload":{)").append(payload).append("}");
    return text += '}';
  }
  text.append(R"({"jsonrpc":"2.0","method":")").append(type).append("\"");
  add_id("id");
  if (!payload.empty() || traced) {
    text.append(R"(,"params":{)").append(payload);
    if (traced) text.append(payload.empty() ? "" : ",").append(kTrace);
    text += '}';
  }
  return text += '}';
}

std::optional<Tongue::Heard> Tongue::hear(std::string_view text) const {
  if (is_http()) return hear_http(text);
  if (!is_json(text)) return std::nullopt;
  return is_envelope() ? hear_envelope(JsonView{text}) : hear_jsonrpc(JsonView{text});
}

}  // namespace signalbox::sim::storm
