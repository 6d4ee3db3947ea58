#include "protocol/dialects/jsonrpc.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "protocol/json_check.hpp"
#include "protocol/json_reader.hpp"
#include "protocol/json_writer.hpp"

namespace signalbox::protocol {
namespace {

using Id = ReplyHeader::Id;
using Broken = ReplyHeader::Broken;

constexpr std::int64_t kIdMax = (std::int64_t{1} << 53U) - 1;  // RFC 7493 section 2.2
constexpr std::string_view kExpectedId =
    "text of at most 36 bytes or a whole number from -9007199254740991 to 9007199254740991";

Error malformed(std::string_view field, std::string_view detail) {
  return {.reason = Reason::malformed, .detail = detail, .field = field};
}

/// A number that can come back as it was sent.
std::optional<std::int64_t> whole_number(std::string_view digits) {
  std::int64_t number = 0;
  const char* end = digits.data() + digits.size();
  const std::from_chars_result read = std::from_chars(digits.data(), end, number);
  const bool is_whole = read.ec == std::errc{} && read.ptr == end && digits != "-0";
  if (!is_whole || number < -kIdMax || number > kIdMax) return std::nullopt;
  return number;
}

/// Takes an id that can come back exactly as it was sent; else it stays unknown.
bool take_id(const JsonValue& id, ReplyHeader& header) {
  const bool is_number = id.kind() == JsonKind::number;
  if (!is_number && id.kind() != JsonKind::text) return false;
  if (is_number ? !whole_number(id.text()) : id.text().size() > header.reply_to.capacity) return false;
  header.reply_to = id.text();
  header.id = is_number ? Id::number : Id::text;
  return true;
}

Result<void> read_id(const JsonValue& id, ReplyHeader& header) {
  if (take_id(id, header)) return {};
  if (id.kind() == JsonKind::text)
    return Error{.reason = Reason::too_big,
                 .detail = format_text<159>("found %zu bytes; expected %.*s", id.text().size(),
                                            length(kExpectedId), kExpectedId.data()),
                 .field = "id"};
  const FixedText<20> found{id.is_container() || id.kind() == JsonKind::boolean ? "something else"
                                                                                : id.text()};
  return malformed("id", format_text<159>("found %s; expected %.*s", found.c_str(), length(kExpectedId),
                                          kExpectedId.data()));
}

/// All that is kept of a message that could not be taken in.
ReplyHeader salvaged_id(const JsonDocument& document) {
  ReplyHeader header;
  header.id = Id::unknown;
  const Salvage id{document, "id"};
  if (id.times == 1 && id.value != nullptr) take_id(*id.value, header);
  return header;
}

/// The method and its params. Without an id nobody would hear the answer, so nothing is done.
Result<Request> read_call(std::string_view method, const JsonValue* params, ReplyHeader& header) {
  if (is(params, JsonKind::array))
    return malformed("params", "found a list; expected an object, whose members have names");
  const JsonReader reader{params, "params"};
  const auto trace = reader.optional_text("traceId", header.trace_id.capacity);
  if (!trace) return trace.error();
  header.trace_id = trace->value_or(std::string_view{});
  const Result<Request> request = read_request(method, reader);
  if (!request) {
    Error error = request.error();
    if (error.reason == Reason::unknown_type) error.field = "method";
    return error;
  }
  if (header.id == Id::none)
    return malformed("id",
                     format_text<159>("found none; expected one beside \"%.*s\": without it there is no "
                                      "answer, so it was not carried out",
                                      static_cast<int>(method.size()), method.data()));
  return request;
}

/// Nothing else in its message keeps a stop: it only makes outputs safe. What of the header can come back
/// does.
Result<Request> read_stop(const JsonValue* id, const JsonValue* params, ReplyHeader& header) {
  header.broken = Broken::nothing;
  if (id == nullptr) header.id = Id::none;
  if (!is(params, JsonKind::object)) return Request{Stop{}};
  const auto trace = JsonReader{params, "params"}.optional_text("traceId", header.trace_id.capacity);
  if (trace) header.trace_id = trace->value_or(std::string_view{});
  return Request{Stop{}};
}

/// Section 4: what makes an object a request. The header tells how far that came.
Result<Request> read_object(const JsonValue* top, ReplyHeader& header, std::string_view& asked) {
  header.id = Id::unknown;
  header.broken = Broken::shape;
  if (is(top, JsonKind::array))
    return malformed("", "found a batch; expected one request in each message, which is no list");
  if (!is(top, JsonKind::object))
    return malformed("", R"(expected an object: {"jsonrpc":"2.0","id":...,"method":...,"params":{...}})");
  const JsonValue* id = top->member("id");
  const JsonValue* method = top->member("method");
  const JsonValue* params = top->member("params");
  if (method == nullptr && (top->member("result") != nullptr || top->member("error") != nullptr)) {
    header.id = Id::none;  // a response to a response would go to and fro for ever
    return malformed("method", "found a response; expected a request: this device asks nothing");
  }
  const Result<void> id_read = id == nullptr ? Result<void>{} : read_id(*id, header);
  if (is(method, JsonKind::text) && method->text() == Stop::type) return read_stop(id, params, header);
  const JsonValue* version = top->member("jsonrpc");
  if (!is(version, JsonKind::text) || version->text() != "2.0")
    return malformed("jsonrpc", "found something else; expected \"2.0\"");
  if (!id_read) return id_read.error();
  if (!is(method, JsonKind::text)) return malformed("method", "found no text; expected a method's name");
  if (params != nullptr && !params->is_container() && params->kind() != JsonKind::null)
    return malformed("params", "found a single value; expected an object");
  header.broken = Broken::nothing;
  if (id == nullptr) header.id = Id::none;
  asked = method->text();
  return read_call(method->text(), params, header);
}

Result<Request> read_jsonrpc(const JsonDocument& document, ReplyHeader& header, std::string_view& asked) {
  const Result<void> right = check_json(document);
  if (right) return read_object(document.top(), header, asked);
  if (Salvage{document, "method"}.is_once(Stop::type)) {
    header = salvaged_id(document);
    return Request{Stop{}};
  }
  if (document.fault() == JsonFault::none || document.fault() == JsonFault::memory) {
    header = salvaged_id(document);
    if (right.error().reason != Reason::overloaded) header.broken = Broken::shape;
  } else {
    header.id = Id::unknown;
    header.broken = Broken::text;
  }
  return right.error();
}

/// The members of a payload are params here.
FixedText<31> field_here(std::string_view field) {
  constexpr std::string_view payload = "payload";
  const std::string_view rest = field.substr(std::min(field.size(), payload.size()));
  const bool is_in_it = field.starts_with(payload) && (rest.empty() || rest[0] == '.' || rest[0] == '[');
  if (!is_in_it) return field;
  return format_text<31>("params%.*s", static_cast<int>(rest.size()), rest.data());
}

/// Section 5.1.
struct ErrorCode {
  std::int64_t code;
  std::string_view message;
};
ErrorCode error_code(const ReplyHeader& header, const Error& error) {
  if (header.broken == Broken::text) return {-32700, "Parse error"};
  if (header.broken == Broken::shape) return {-32600, "Invalid Request"};
  if (error.reason == Reason::unknown_type) return {-32601, "Method not found"};
  if (error.reason == Reason::internal) return {-32603, "Internal error"};
  const bool is_wrong = error.reason == Reason::malformed || error.reason == Reason::out_of_range ||
                        error.reason == Reason::too_big;
  if (is_wrong && error.field.view().starts_with("params")) return {-32602, "Invalid params"};
  return {code_of(error.reason), wire_name(error.reason)};
}

void begin(JsonWriter& writer) { writer.begin_object().key("jsonrpc").word("2.0"); }

void write_id(JsonWriter& writer, const ReplyHeader& header) {
  switch (header.id) {
    case Id::text: writer.text(header.reply_to); break;
    case Id::number: writer.integer(whole_number(header.reply_to).value_or(0)); break;
    default: writer.null();
  }
}

}  // namespace

std::string_view JsonRpc::do_name() const { return kName; }

Decoded JsonRpc::do_decode(std::string_view text) const { return {text, read_jsonrpc}; }

std::string_view JsonRpc::do_encode(const Answer& answer, const Principal* principal, const View& view,
                                    std::span<char> into) const {
  const ReplyHeader& header = answer.header;
  Told body = answer.body;
  auto* failure = std::get_if<Failure>(&body);
  if (failure != nullptr && header.broken == Broken::nothing)
    failure->error.field = field_here(failure->error.field);
  const bool is_response = is_final(body) && header.id != Id::none;

  JsonWriter writer{into};
  begin(writer);
  if (!is_response) {
    writer.key("method").word(type_of(body)).key("params").begin_object();
    if (header.id != Id::none) write_id(writer.key("replyTo"), header);
  } else if (write_id(writer.key("id"), header); failure == nullptr) {
    writer.key("result").begin_object().key("type").word(type_of(body));
  } else {
    const ErrorCode code = error_code(header, failure->error);
    writer.key("error").begin_object().key("code").integer(code.code).key("message").text(code.message);
    writer.key("data").begin_object();
  }
  writer.member_unless_empty("traceId", header.trace_id);
  write_payload(writer.continue_object(), body, principal, view);
  if (is_response && failure != nullptr) writer.end_object();
  return writer.end_message();
}

std::string_view JsonRpc::do_encode(const Published& published, const View& view,
                                    std::span<char> into) const {
  JsonWriter writer{into};
  begin(writer);
  writer.key("method").word(type_of(published)).key("params");
  write_payload(writer, published, view);
  return writer.end_message();
}

}  // namespace signalbox::protocol
