#include "protocol/dialects/envelope.hpp"

#include "protocol/json_check.hpp"
#include "protocol/json_reader.hpp"
#include "protocol/json_writer.hpp"

namespace signalbox::protocol {
namespace {

constexpr std::size_t kTypeBytesMax = 63;
constexpr double kTimestampMax = 9007199254740992.0;  // 2^53

/// Takes a header text into `into`; one that is too long or no text stays away, rather than come back
/// changed.
Result<void> take_id(const JsonReader& message, std::string_view name, FixedText<36>& into) {
  const auto text = message.optional_text(name, into.capacity);
  if (!text) return text.error();
  if (text->has_value()) into.assign(**text);
  return {};
}

/// The header as far as it can be read; the first thing wrong with it.
Result<void> read_header(const JsonReader& message, ReplyHeader& header) {
  const Result<void> id = take_id(message, "msgId", header.reply_to);
  const Result<void> trace = take_id(message, "traceId", header.trace_id);
  header.id = header.reply_to.empty() ? ReplyHeader::Id::none : ReplyHeader::Id::text;
  if (!id) return id.error();
  if (!trace) return trace.error();
  const auto timestamp = message.optional_number("timestamp", -kTimestampMax, kTimestampMax);
  if (!timestamp) return timestamp.error();
  return {};
}

Result<Request> read_message(const JsonValue* top, ReplyHeader& header, std::string_view& asked) {
  if (!is(top, JsonKind::object))
    return Error{.reason = Reason::malformed,
                 .detail = R"(the message is no object; expected {"type":...,"msgId":...,"payload":{...}})"};
  const JsonReader message{top, ""};
  const Result<void> header_read = read_header(message, header);
  const Result<std::string_view> type = message.text("type", kTypeBytesMax);
  asked = type ? *type : std::string_view{};
  // Nothing else in its message keeps a stop: it only makes outputs safe.
  if (type && *type == Stop::type) return Request{Stop{}};
  if (!header_read) return header_read.error();
  if (!type) return type.error();
  const Result<JsonReader> payload = message.object("payload");
  if (!payload) return payload.error();
  return read_request(*type, *payload);
}

/// What a broken message still tells of itself.
ReplyHeader salvaged(const JsonDocument& document) {
  const auto kept = [&document](std::string_view name) {
    const Salvage member{document, name};
    const bool is_right =
        member.is_text() && member.value->text().size() <= decltype(ReplyHeader::reply_to)::capacity;
    return is_right ? member.value->text() : std::string_view{};
  };
  return {kept("msgId"), kept("traceId")};
}

Result<Request> read_envelope(const JsonDocument& document, ReplyHeader& header, std::string_view& asked) {
  const Result<void> right = check_json(document);
  if (right) return read_message(document.top(), header, asked);
  header = salvaged(document);
  if (Salvage{document, "type"}.is_once(Stop::type)) return Request{Stop{}};
  return right.error();
}

void begin(JsonWriter& writer, std::string_view type, const ReplyHeader& header, const View& view) {
  writer.begin_object();
  writer.key("type").word(type);
  writer.member_unless_empty("replyTo", header.reply_to);
  writer.key("timestamp").integer(view.clock.label(view.now).unix_ms);
  writer.member_unless_empty("traceId", header.trace_id);
  writer.key("payload");
}

}  // namespace

std::string_view Envelope::do_name() const { return kName; }

Decoded Envelope::do_decode(std::string_view text) const { return {text, read_envelope}; }

std::string_view Envelope::do_encode(const Answer& answer, const Principal* principal, const View& view,
                                     std::span<char> into) const {
  JsonWriter writer{into};
  begin(writer, type_of(answer.body), answer.header, view);
  write_payload(writer, answer.body, principal, view);
  return writer.end_message();
}

std::string_view Envelope::do_encode(const Published& published, const View& view,
                                     std::span<char> into) const {
  JsonWriter writer{into};
  begin(writer, type_of(published), {}, view);
  write_payload(writer, published, view);
  return writer.end_message();
}

}  // namespace signalbox::protocol
