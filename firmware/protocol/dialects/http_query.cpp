#include "protocol/dialects/http_query.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <utility>

#include "protocol/json_check.hpp"
#include "protocol/json_reader.hpp"
#include "protocol/json_writer.hpp"

namespace signalbox::protocol {
namespace {

struct Parameter {
  enum class Kind : std::uint8_t {
    text,
    number,
    flag,
    list,
    place,   ///< `epoch:offset`, the id of an event
    period,  ///< milliseconds between what is told
  };
  std::string_view name;
  Kind kind;
};
using Kind = Parameter::Kind;

constexpr Parameter kPaths{"paths", Kind::list};
constexpr Parameter kLastEventId{"lastEventId", Kind::place};
constexpr std::array kOfSnapshot{kPaths};
constexpr std::array kOfStream{kPaths, Parameter{"period", Kind::period}};
constexpr std::array kOfHistory{kPaths,
                                Parameter{"from", Kind::number},
                                Parameter{"to", Kind::number},
                                Parameter{"stepMs", Kind::number},
                                Parameter{"aggregate", Kind::list},
                                Parameter{"cursor", Kind::text}};
constexpr std::array kOfEvents{kPaths,
                               Parameter{"mode", Kind::text},
                               Parameter{"periodMs", Kind::number},
                               Parameter{"minPeriodMs", Kind::number},
                               Parameter{"deadband", Kind::number},
                               Parameter{"events", Kind::flag},
                               Parameter{"presence", Kind::flag},
                               kLastEventId};
constexpr std::array kOfLog{kLastEventId};

/// Which message a route stands for.
struct Route {
  std::string_view line;
  std::string_view type;
  std::span<const Parameter> parameters{};
  std::string_view id{};  ///< of the subscription; empty: it is none
};
constexpr std::array kRoutes{Route{"GET /v1/snapshot", Subscribe::type, kOfSnapshot, "snapshot"},
                             Route{"GET /v1/history", AskHistory::type, kOfHistory},
                             Route{"GET /v1/events", Subscribe::type, kOfEvents, "events"},
                             Route{"GET /v1/log", FollowLog::type, kOfLog},
                             Route{"GET /v1/stream", Subscribe::type, kOfStream, "stream"},
                             Route{"POST /v1/command", Command::type}};

/// Room for all parameters of a head of 4 KB, as JSON.
constexpr std::size_t kPayloadBytesMax = 6144;

/// The text before the separator, taken off `text` with it.
std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return taken;
}

/// As a number where it is one; as text the message's reader says what is wrong with it.
void write_number(JsonWriter& writer, std::string_view value) {
  double number = 0;
  const char* end = value.data() + value.size();
  const std::from_chars_result read = std::from_chars(value.data(), end, number);
  if (read.ec == std::errc{} && read.ptr == end)
    writer.number(number);
  else
    writer.text(value);
}

/// Paths have no spaces: what comes as one was a plus sign, which stands for a space in queries.
void write_list(JsonWriter& writer, std::string_view name, std::string_view value) {
  writer.key(name).begin_array();
  while (!value.empty()) {
    std::array<char, kPathBytesMax + 1> element{};
    const std::string_view taken = take_until(value, ',');
    const std::size_t size = std::min(taken.size(), element.size());
    std::replace_copy(taken.begin(), taken.begin() + static_cast<std::ptrdiff_t>(size), element.begin(), ' ',
                      '+');
    writer.text({element.data(), size});
  }
  writer.end_array();
}

Result<void> write_place(JsonWriter& writer, std::string_view value) {
  const std::size_t colon = value.rfind(':');
  if (colon == std::string_view::npos)
    return Error{Reason::malformed,
                 found_instead(value, "the id of an event: its epoch, a colon, its offset"), "lastEventId"};
  writer.key("resume").begin_object();
  writer.key("epoch").text(value.substr(0, colon)).key("offset").text(value.substr(colon + 1));
  writer.end_object();
  return {};
}

Result<void> write_parameter(JsonWriter& writer, const Parameter& parameter, std::string_view value) {
  switch (parameter.kind) {
    case Kind::list: write_list(writer, parameter.name, value); break;
    case Kind::number: write_number(writer.key(parameter.name), value); break;
    case Kind::flag:
      writer.key(parameter.name);
      if (value == "true" || value == "false")
        writer.boolean(value == "true");
      else
        writer.text(value);
      break;
    case Kind::period:
      writer.key("mode").text("fixed");
      write_number(writer.key("periodMs"), value);
      break;
    case Kind::place: return write_place(writer, value);
    case Kind::text: writer.key(parameter.name).text(value); break;
  }
  return {};
}

Error unknown_parameter(const Route& route, std::string_view name) {
  if (route.parameters.empty())
    return {Reason::malformed, found_instead(name, "none here: everything is in the body"), "query"};
  std::array<std::string_view, kOfEvents.size()> names{};
  for (std::size_t i = 0; i < route.parameters.size(); ++i) names[i] = route.parameters[i].name;
  return {Reason::malformed, found_instead(name, one_of(std::span{names}.first(route.parameters.size()))),
          "query"};
}

/// The query as the payload of the route's message.
Result<std::string_view> payload_of(const Route& route, std::string_view query, std::span<char> into) {
  JsonWriter writer{into};
  writer.begin_object();
  bool lacks_paths = route.parameters.front().name == kPaths.name;  // left out, it is all of them
  while (!query.empty()) {
    std::string_view value = take_until(query, '\n');
    if (value.empty()) continue;
    const std::string_view name = take_until(value, '=');
    const auto* known =
        std::find_if(route.parameters.data(), route.parameters.data() + route.parameters.size(),
                     [name](const Parameter& its) { return its.name == name; });
    if (known == route.parameters.data() + route.parameters.size()) return unknown_parameter(route, name);
    lacks_paths = lacks_paths && name != kPaths.name;
    const Result<void> written = write_parameter(writer, *known, value);
    if (!written) return written.error();
  }
  if (lacks_paths) write_list(writer, kPaths.name, "#");
  writer.member_unless_empty("id", route.id);
  const std::string_view payload = writer.end_message();
  if (payload.empty()) return Error{Reason::too_big, "the query is too long"};
  return payload;
}

/// What of a body is the request's header.
Result<ReplyHeader> header_of(const JsonReader& body) {
  ReplyHeader header;
  const auto id = body.optional_text("msgId", header.reply_to.capacity);
  if (!id) return id.error();
  const auto trace = body.optional_text("traceId", header.trace_id.capacity);
  if (!trace) return trace.error();
  return ReplyHeader{id->value_or(std::string_view{}), trace->value_or(std::string_view{})};
}

Decoded refused(const Error& error) { return Decoded{error}; }

Result<Request> read_body(const Route& route, const JsonDocument& document, ReplyHeader& header) {
  const Result<void> right = check_json(document);
  if (!right) return right.error();
  if (!is(document.top(), JsonKind::object))
    return Error{Reason::malformed, R"(the body is no object; expected {"channel":...,"value":...})"};
  const JsonReader reader{document.top(), ""};
  const Result<ReplyHeader> its_header = header_of(reader);
  if (!its_header) return its_header.error();
  header = *its_header;
  Result<Request> request = read_request(route.type, reader);
  if (auto* subscribe = request ? std::get_if<Subscribe>(&*request) : nullptr)
    subscribe->once = route.id == "snapshot";
  return request;
}

Decoded read_payload(const Route& route, std::string_view payload) {
  return {payload, [&route](const JsonDocument& document, ReplyHeader& header, std::string_view& asked) {
            asked = route.type;
            return read_body(route, document, header);
          }};
}

}  // namespace

Decoded read_http(std::string_view text) {
  const std::string_view line = take_until(text, '\n');
  const auto* route =
      std::find_if(kRoutes.begin(), kRoutes.end(), [line](const Route& its) { return its.line == line; });
  if (route == kRoutes.end()) return refused({Reason::not_found, "no such route"});
  const std::size_t end = text.starts_with('\n') ? 0 : text.find("\n\n");
  const std::string_view query = text.substr(0, std::min(end, text.size()));
  if (route->parameters.empty() && !query.empty())
    return refused(unknown_parameter(*route, query.substr(0, query.find('='))));
  if (route->parameters.empty())
    return read_payload(*route, text.substr(std::min(query.size() + (query.empty() ? 1 : 2), text.size())));
  static std::array<char, kPayloadBytesMax> memory;  // the request's texts look into it
  const Result<std::string_view> payload = payload_of(*route, query, memory);
  if (!payload) return refused(payload.error());
  return read_payload(*route, *payload);
}

}  // namespace signalbox::protocol
