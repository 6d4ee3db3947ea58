#include "protocol/dialects/jsonrpc.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cjson/cJSON.h>
#include <optional>
#include <utility>

#include "protocol/json_reader.hpp"
#include "protocol/json_tree.hpp"
#include "protocol/json_writer.hpp"
#include "protocol/number_text.hpp"

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
bool take_id(std::string_view id, bool is_number, ReplyHeader& header) {
  if (is_number ? !whole_number(id) : id.size() > header.reply_to.capacity) return false;
  header.reply_to = id;
  header.id = is_number ? Id::number : Id::text;
  return true;
}

/// `seen` has the number as it was sent, which the tree has not.
Result<void> read_id(const cJSON* id, const Salvage& seen, ReplyHeader& header) {
  const int expected_size = static_cast<int>(kExpectedId.size());
  if (cJSON_IsString(id) != 0) {
    const std::string_view text{id->valuestring};
    if (take_id(text, false, header)) return {};
    return Error{.reason = Reason::too_big,
                 .detail = format_text<159>("found %zu bytes; expected %.*s", text.size(), expected_size,
                                            kExpectedId.data()),
                 .field = "id"};
  }
  FixedText<20> found{cJSON_IsNull(id) != 0 ? "null" : "something else"};
  if (cJSON_IsNumber(id) != 0) {
    const FixedText<24> read = number_text(id->valuedouble);
    const std::string_view number = seen.is_number ? seen.text : read.view();
    if (take_id(number, true, header)) return {};
    found = number;
  }
  return malformed(
      "id", format_text<159>("found %s; expected %.*s", found.c_str(), expected_size, kExpectedId.data()));
}

/// The id of a message that is JSON but could not be taken in.
ReplyHeader salvaged(const Salvage& seen) {
  ReplyHeader header;
  header.id = Id::unknown;
  if (seen.times == 1 && !seen.text.empty()) take_id(seen.text, seen.is_number, header);
  return header;
}

/// The method and its params. Without an id nobody would hear the answer, so nothing is done.
Result<Request> read_call(std::string_view method, const cJSON* params, ReplyHeader& header) {
  if (cJSON_IsArray(params) != 0)
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
Result<Request> read_stop(const cJSON* id, const cJSON* params, ReplyHeader& header) {
  header.broken = Broken::nothing;
  if (id == nullptr) header.id = Id::none;
  if (cJSON_IsObject(params) == 0) return Request{Stop{}};
  const auto trace = JsonReader{params, "params"}.optional_text("traceId", header.trace_id.capacity);
  if (trace) header.trace_id = trace->value_or(std::string_view{});
  return Request{Stop{}};
}

/// Section 4: what makes an object a request. The header tells how far that came.
Result<Request> read_message(const cJSON* tree, const Salvage& seen_id, ReplyHeader& header) {
  header.id = Id::unknown;
  header.broken = Broken::shape;
  if (cJSON_IsArray(tree) != 0)
    return malformed("", "found a batch; expected one request in each message, which is no list");
  if (cJSON_IsObject(tree) == 0)
    return malformed("", R"(expected an object: {"jsonrpc":"2.0","id":...,"method":...,"params":{...}})");
  const auto member = [tree](const char* name) { return cJSON_GetObjectItemCaseSensitive(tree, name); };
  const cJSON* id = member("id");
  const cJSON* method = member("method");
  const cJSON* params = member("params");
  if (method == nullptr && (member("result") != nullptr || member("error") != nullptr)) {
    header.id = Id::none;  // a response to a response would go to and fro for ever
    return malformed("method", "found a response; expected a request: this device asks nothing");
  }
  const Result<void> id_read = id == nullptr ? Result<void>{} : read_id(id, seen_id, header);
  if (method != nullptr && cJSON_IsString(method) != 0 && Stop::type == method->valuestring)
    return read_stop(id, params, header);
  const cJSON* version = member("jsonrpc");
  if (cJSON_IsString(version) == 0 || std::string_view{version->valuestring} != "2.0")
    return malformed("jsonrpc", "found something else; expected \"2.0\"");
  if (!id_read) return id_read.error();
  if (cJSON_IsString(method) == 0) return malformed("method", "found no text; expected a method's name");
  const bool is_structured = cJSON_IsObject(params) != 0 || cJSON_IsArray(params) != 0;
  if (params != nullptr && cJSON_IsNull(params) == 0 && !is_structured)
    return malformed("params", "found a single value; expected an object");
  header.broken = Broken::nothing;
  if (id == nullptr) header.id = Id::none;
  return read_call(method->valuestring, params, header);
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

void begin(JsonWriter& writer) { writer.begin_object().key("jsonrpc").text("2.0"); }

void write_id(JsonWriter& writer, const ReplyHeader& header) {
  switch (header.id) {
    case Id::text: writer.text(header.reply_to); break;
    case Id::number: writer.integer(whole_number(header.reply_to).value_or(0)); break;
    default: writer.null();
  }
}

}  // namespace

std::string_view JsonRpc::do_name() const { return kName; }

Decoded JsonRpc::do_decode(std::string_view text) const {
  std::array<Salvage, 2> salvage{Salvage{"id", {}}, Salvage{"method", {}}};
  ReplyHeader header;
  const Result<void> scanned = scan_json(text, salvage);
  const bool is_stop = salvage[1].is(Stop::type);
  if (!scanned && is_stop) return {salvaged(salvage[0]), Request{Stop{}}, nullptr};
  if (!scanned) {
    header.id = Id::unknown;
    header.broken = Broken::text;
    return {header, scanned.error(), nullptr};
  }
  Result<Tree> tree = parse_scanned(text);
  if (!tree) {
    header = salvaged(salvage[0]);
    if (is_stop) return {header, Request{Stop{}}, nullptr};
    if (tree.error().reason != Reason::overloaded) header.broken = Broken::shape;
    return {header, tree.error(), nullptr};
  }
  const Result<Request> request = read_message(tree->get(), salvage[0], header);
  return {header, request, std::move(*tree)};
}

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
    writer.key("method").text(type_of(body)).key("params").begin_object();
    if (header.id != Id::none) write_id(writer.key("replyTo"), header);
  } else if (write_id(writer.key("id"), header); failure == nullptr) {
    writer.key("result").begin_object().key("type").text(type_of(body));
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
  writer.key("method").text(type_of(published)).key("params");
  write_payload(writer, published, view);
  return writer.end_message();
}

}  // namespace signalbox::protocol
