#include "protocol/dialects/http.hpp"

#include <cinttypes>
#include <optional>

#include "protocol/dialects/http_query.hpp"
#include "protocol/json_writer.hpp"

namespace signalbox::protocol {
namespace {

/// When a reader of events that was cut off comes back by itself.
constexpr unsigned kRetry_ms = 2000;

/// Members of a payload are members of a body here, or parameters of a query.
Told as_here(const Told& told) {
  Told body = told;
  if (auto* failure = std::get_if<Failure>(&body)) {
    constexpr std::string_view kPlace = "payload.";
    const std::string_view field = failure->error.field;
    if (field.starts_with(kPlace)) failure->error.field = FixedText<31>{field.substr(kPlace.size())};
  }
  return body;
}

/// The text in front, then one line of JSON, then the end; empty where it does not fit.
template <typename WritePayload>
std::string_view framed(std::string_view head, std::string_view end, std::span<char> into,
                        WritePayload&& write_payload_to) {
  if (head.size() + end.size() > into.size()) return {};
  head.copy(into.data(), head.size());
  JsonWriter writer{into.subspan(head.size(), into.size() - head.size() - end.size())};
  write_payload_to(writer);
  if (!writer.fits()) return {};
  const std::size_t size = head.size() + writer.written().size();
  end.copy(into.data() + size, end.size());
  return {into.data(), size + end.size()};
}

using Head = FixedText<127>;

Head head_of(std::string_view type, const View& view, std::optional<std::uint64_t> offset) {
  const int size = static_cast<int>(type.size());
  if (!offset) return format_text<127>("event: %.*s\ndata: ", size, type.data());
  return format_text<127>("event: %.*s\nid: %.*s:%" PRIu64 "\ndata: ", size, type.data(),
                          static_cast<int>(view.epoch.size()), view.epoch.data(), *offset);
}

/// Up to where a reader who has that knows everything. An event's offset does not count: samples of before
/// it may still be folded.
std::optional<std::uint64_t> place_of(const Told& told, const View& view) {
  if (std::holds_alternative<Snapshot>(told)) return view.values.offset();
  if (const auto* missed = std::get_if<Missed>(&told)) return missed->upto;
  return std::nullopt;
}

}  // namespace

Decoded Http::do_decode(std::string_view text) const { return read_http(text); }

std::string_view Http::do_encode(const Answer& answer, const Principal* principal, const View& view,
                                 std::span<char> into) const {
  return framed("", "\n", into,
                [&](JsonWriter& writer) { write_payload(writer, as_here(answer.body), principal, view); });
}

/// Nobody subscribes here.
std::string_view Http::do_encode(const Published& published, const View& view, std::span<char> into) const {
  return framed("", "\n", into, [&](JsonWriter& writer) { write_payload(writer, published, view); });
}

bool HttpEvents::do_tells(const Told& told) const {
  return std::holds_alternative<Snapshot>(told) || std::holds_alternative<Ack>(told) ||
         std::holds_alternative<Missed>(told) || std::holds_alternative<Failure>(told) ||
         std::holds_alternative<Goodbye>(told);
}

Decoded HttpEvents::do_decode(std::string_view text) const { return read_http(text); }

/// A failure is the whole answer, as of any other route.
std::string_view HttpEvents::do_encode(const Answer& answer, const Principal* principal, const View& view,
                                       std::span<char> into) const {
  const Told body = as_here(answer.body);
  const auto write = [&](JsonWriter& writer) { write_payload(writer, body, principal, view); };
  if (std::holds_alternative<Failure>(body)) return framed("", "\n", into, write);
  Head head = head_of(type_of(body), view, place_of(body, view));
  if (std::holds_alternative<Snapshot>(body) || std::holds_alternative<Ack>(body))
    head = format_text<127>("retry: %u\n%s", kRetry_ms, head.c_str());
  return framed(head, "\n\n", into, write);
}

std::string_view HttpEvents::do_encode(const Published& published, const View& view,
                                       std::span<char> into) const {
  std::optional<std::uint64_t> offset;
  const auto* telemetry = std::get_if<Telemetry>(&published);
  if (telemetry != nullptr && !telemetry->more) offset = view.values.offset();
  if (const auto* line = std::get_if<LogLine>(&published)) offset = line->offset;
  return framed(head_of(type_of(published), view, offset), "\n\n", into,
                [&](JsonWriter& writer) { write_payload(writer, published, view); });
}

}  // namespace signalbox::protocol
