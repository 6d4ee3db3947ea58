#include "protocol/json_check.hpp"

#include <algorithm>
#include <optional>

namespace signalbox::protocol {
namespace {

constexpr std::uint32_t kRetryAfterMs = 200;

/// What stands at a fault, where the words for it do not say it all, and what would be right.
struct FaultWords {
  const char* found;
  const char* expected;
};

FaultWords words_of(JsonFault fault) {
  switch (fault) {
    case JsonFault::value: return {nullptr, "a value"};
    case JsonFault::value_or_end: return {nullptr, "a value or ']'"};
    case JsonFault::name: return {nullptr, "a member's name in quotes"};
    case JsonFault::name_or_end: return {nullptr, "a member's name in quotes or '}'"};
    case JsonFault::colon: return {"a member's name stands alone", "':' and a value"};
    case JsonFault::end_of_array: return {nullptr, "',' or ']'"};
    case JsonFault::end_of_object: return {nullptr, "',' or '}'"};
    case JsonFault::digit: return {"half a number", "one such as -1.5 or 2e3"};
    case JsonFault::no_zero: return {nullptr, "a number without leading zeros"};
    case JsonFault::shorter_number: return {"a number of more than 63 characters", "a shorter one"};
    case JsonFault::quote: return {nullptr, "'\"'"};
    case JsonFault::no_control: return {"a control character in a text", "it written as \\n or \\u000a"};
    case JsonFault::utf8: return {"a byte that is not UTF-8", "UTF-8 text"};
    case JsonFault::no_null: return {"\\u0000 in a text", "text without zero characters"};
    case JsonFault::low_surrogate: return {"half a surrogate pair", "both halves, such as \\ud83d\\ude00"};
    case JsonFault::escape:
    case JsonFault::hex_digit:
    case JsonFault::high_surrogate: return {"a wrong escape", "\\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\uXXXX"};
    case JsonFault::fewer_levels: return {"nested deeper than 16", "no more than 16 levels"};
    default: return {nullptr, "nothing more"};
  }
}

FixedText<15> found_at(std::string_view text, std::size_t at) {
  if (at == text.size()) return "the text ends";
  const char c = text[at];
  return c > 0x20 && c < 0x7F ? format_text<15>("'%c'", c)
                              : format_text<15>("byte 0x%02x", static_cast<unsigned char>(c));
}

Error fault_error(const JsonDocument& document) {
  if (document.fault() == JsonFault::memory)
    return {.reason = Reason::overloaded,
            .detail = "no memory to read this message now; try again, or send less at once",
            .retry_after_ms = kRetryAfterMs};
  const FaultWords words = words_of(document.fault());
  const FixedText<15> found = found_at(document.text(), document.fault_at());
  return {.reason = Reason::malformed,
          .detail = format_text<95>("after %zu bytes: %s; expected %s", document.fault_at(),
                                    words.found != nullptr ? words.found : found.c_str(), words.expected)};
}

/// The way to a value that lies in the document: `payload.writes[1].value`.
FixedText<31> way_to(const JsonDocument& document, const JsonValue* value) {
  FixedText<31> way;
  const JsonValue* level = document.top();
  while (level != value) {
    const bool is_object = level->kind() == JsonKind::object;
    const JsonValue* inner = level->first() + (is_object ? 1 : 0);
    unsigned index = 0;
    for (; inner->behind() <= value; ++index) inner = inner->behind() + (is_object ? 1 : 0);
    way = is_object ? format_text<31>("%s%s%.*s", way.c_str(), way.empty() ? "" : ".", length(inner->name()),
                                      inner->name().data())
                    : format_text<31>("%s[%u]", way.c_str(), index);
    level = inner;
  }
  return way;
}

/// The member whose name an earlier one of the object has; nullptr: there is none.
const JsonValue* find_repeated(const JsonValue& object) {
  for (const JsonValue* name = object.first(); name != object.behind(); name = name[1].behind())
    for (const JsonValue* earlier = object.first(); earlier != name; earlier = earlier[1].behind())
      if (earlier->text() == name->text()) return name + 1;
  return nullptr;
}

}  // namespace

Result<void> check_json(const JsonDocument& document) {
  if (document.fault() != JsonFault::none) return fault_error(document);
  for (const JsonValue& value : document.values()) {
    if (value.kind() != JsonKind::object || value.size() < 2) continue;
    if (value.size() > kMembersMax)
      return Error{.reason = Reason::too_big,
                   .detail = "found more than 64 members; expected at most 64",
                   .field = way_to(document, &value)};
    if (const JsonValue* repeated = find_repeated(value); repeated != nullptr)
      return Error{.reason = Reason::malformed,
                   .detail = "found this member twice; expected it once",
                   .field = way_to(document, repeated)};
  }
  return {};
}

Result<JsonDocument> parse_json(std::string_view text) {
  JsonDocument document{text};
  const Result<void> right = check_json(document);
  if (!right) return right.error();
  return document;
}

Salvage::Salvage(const JsonDocument& document, std::string_view name) {
  const std::span<const JsonValue> values = document.values();
  if (values.empty() || values.front().kind() != JsonKind::object) return;
  const JsonValue* end = values.data() + values.size();
  for (const JsonValue* its = values.front().first(); its != end;) {
    const bool is_it = its->text() == name;
    if (is_it) ++times;
    if (++its == end) return;  // the text is broken behind the name
    const bool is_scalar = its->kind() == JsonKind::text || its->kind() == JsonKind::number;
    if (is_it && is_scalar && value == nullptr && !its->text().empty()) value = its;
    its = its->behind();
  }
}

}  // namespace signalbox::protocol
