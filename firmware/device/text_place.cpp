#include "device/text_place.hpp"

namespace signalbox::device {
namespace {

const char* expected_at(JsonFault fault) {
  switch (fault) {
    case JsonFault::value:
    case JsonFault::value_or_end:
      return "a value: a text in double quotes, a number, true, false, null, `[` or `{`";
    case JsonFault::name:
    case JsonFault::name_or_end: return "a member's name in double quotes";
    case JsonFault::colon: return "`:` after a member's name";
    case JsonFault::end_of_array: return "`,` or `]` after an element";
    case JsonFault::end_of_object: return "`,` or `}` after a member";
    case JsonFault::digit: return "a digit";
    case JsonFault::no_zero: return "a number without leading zeros";
    case JsonFault::shorter_number: return "a number of at most 63 characters";
    case JsonFault::quote: return "`\"` at the end of a text";
    case JsonFault::no_control:
      return "a text that ends on its line with `\"` (a line break inside is written \\n)";
    case JsonFault::utf8: return "UTF-8";
    case JsonFault::escape: return "one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX";
    case JsonFault::hex_digit: return "four hexadecimal digits after \\u";
    case JsonFault::no_null: return "a text without \\u0000";
    case JsonFault::high_surrogate: return "the first half of a surrogate pair before the second";
    case JsonFault::low_surrogate: return "the second half of a surrogate pair";
    case JsonFault::fewer_levels: return "at most 16 levels";
    default: return "nothing after the end of the outermost value";
  }
}

FixedText<31> found_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return "the end of the file";
  const char c = text[at];
  if (c == '\n' || c == '\r') return "the end of the line";
  if (c > ' ' && c <= '~') return format_text<31>("`%c`", c);
  if (text.substr(at, 3) == "\xEF\xBB\xBF") return "a byte order mark";
  return format_text<31>("the byte 0x%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
}

}  // namespace

TextPlace place_of(std::string_view text, std::size_t at) {
  TextPlace place;
  for (const char c : text.substr(0, at)) {
    const bool continues = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
    if (c == '\n')
      place = {place.line + 1, 1};
    else if (!continues)
      ++place.column;
  }
  return place;
}

Mistake syntax_mistake(const JsonDocument& document) {
  const TextPlace place = place_of(document.text(), document.fault_at());
  return {place.line,
          place.column,
          {},
          found_at(document.text(), document.fault_at()),
          expected_at(document.fault())};
}

}  // namespace signalbox::device
