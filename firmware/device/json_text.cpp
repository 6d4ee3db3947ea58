#include "device/json_text.hpp"

#include "base/utf8.hpp"

namespace signalbox::device {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kHexDigits = "0123456789abcdefABCDEF";
constexpr std::string_view kEscapes = "\"\\/bfnrt";

/// Walks over values without keeping them. After the first mistake everything answers false.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_{text} {}

  std::size_t at() const { return at_; }
  std::string_view expected() const { return expected_; }

  bool value(int depth);  // NOLINT(misc-no-recursion): kNestingMax bounds it
  bool name() {
    return next() == '"' ? string() && skip(':', "`:` after a member's name")
                         : wrong("a member's name in double quotes");
  }
  /// Whether `c` comes next, and if so, past it.
  bool take(char c) {
    if (next() != c) return false;
    ++at_;
    return true;
  }
  bool skip(char c, std::string_view expected) { return take(c) || wrong(expected); }
  bool end() {
    next();
    return at_ == text_.size() || wrong("nothing after the end of the outermost value");
  }
  char next() {
    while (at_ < text_.size() && kSpace.find(text_[at_]) != std::string_view::npos) ++at_;
    return here();
  }

 private:
  bool wrong(std::string_view expected) {
    if (expected_.empty()) expected_ = expected;
    return false;
  }
  /// The byte at the cursor; zero at the end, and for a zero byte, which is allowed nowhere.
  char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool is_one_of(std::string_view set) const { return here() != '\0' && set.find(here()) != set.npos; }
  bool digits() {
    if (!is_one_of(kDigits)) return wrong("a digit");
    while (is_one_of(kDigits)) ++at_;
    return true;
  }
  bool literal(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return no_value();
    at_ += word.size();
    return true;
  }
  bool no_value() {
    return wrong("a value: a text in double quotes, a number, true, false, null, `[` or `{`");
  }
  bool object(int depth);  // NOLINT(misc-no-recursion)
  bool array(int depth);   // NOLINT(misc-no-recursion)
  bool number();
  bool string();
  bool escape();
  int code_unit();

  std::string_view text_;
  std::size_t at_ = 0;
  std::string_view expected_;
};

bool Walker::value(int depth) {  // NOLINT(misc-no-recursion)
  switch (next()) {
    case '{': return object(depth + 1);
    case '[': return array(depth + 1);
    case '"': return string();
    case 't': return literal("true");
    case 'f': return literal("false");
    case 'n': return literal("null");
    default: return here() == '-' || is_one_of(kDigits) ? number() : no_value();
  }
}

bool Walker::object(int depth) {  // NOLINT(misc-no-recursion)
  if (depth > JsonText::kNestingMax) return wrong("at most 16 levels");
  ++at_;
  if (take('}')) return true;
  do {
    if (!name() || !value(depth)) return false;
  } while (take(','));
  return skip('}', "`,` or `}` after a member");
}

bool Walker::array(int depth) {  // NOLINT(misc-no-recursion)
  if (depth > JsonText::kNestingMax) return wrong("at most 16 levels");
  ++at_;
  if (take(']')) return true;
  do {
    if (!value(depth)) return false;
  } while (take(','));
  return skip(']', "`,` or `]` after an element");
}

bool Walker::number() {
  if (here() == '-') ++at_;
  if (here() == '0')
    ++at_;
  else if (!digits())
    return false;
  if (is_one_of(kDigits)) return wrong("a number without leading zeros");
  if (here() == '.') {
    ++at_;
    if (!digits()) return false;
  }
  if (is_one_of("eE")) {
    ++at_;
    if (is_one_of("+-")) ++at_;
    return digits();
  }
  return true;
}

bool Walker::string() {
  ++at_;
  while (at_ < text_.size()) {
    const char c = here();
    if (c == '"') {
      ++at_;
      return true;
    }
    if (static_cast<unsigned char>(c) < 0x20)
      return wrong("a text that ends on its line with `\"` (a line break inside is written \\n)");
    const std::size_t bytes = c == '\\' ? 0 : utf8_character_bytes(text_.substr(at_));
    if (c != '\\' && bytes == 0) return wrong("UTF-8");
    at_ += bytes;
    if (c == '\\' && !escape()) return false;
  }
  return wrong("`\"` at the end of a text");
}

bool Walker::escape() {
  ++at_;
  if (is_one_of(kEscapes)) {
    ++at_;
    return true;
  }
  if (here() != 'u') return wrong("one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
  const int unit = code_unit();
  if (unit < 0) return wrong("four hexadecimal digits after \\u");
  if (unit == 0) return wrong("a text without \\u0000");
  const bool is_high = unit >= 0xD800 && unit < 0xDC00;
  if (!is_high)
    return (unit < 0xDC00 || unit > 0xDFFF) || wrong("the first half of a surrogate pair before the second");
  if (here() != '\\' || text_.substr(at_ + 1, 1) != "u") return wrong("the second half of a surrogate pair");
  ++at_;
  const int second = code_unit();
  return (second >= 0xDC00 && second <= 0xDFFF) || wrong("the second half of a surrogate pair");
}

/// The number in `uXXXX` at the cursor; -1 where there is none.
int Walker::code_unit() {
  ++at_;
  int unit = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    if (!is_one_of(kHexDigits)) return -1;
    const char c = here();
    unit = unit * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return unit;
}

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

FixedText<31> found_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return "the end of the file";
  const char c = text[at];
  if (c == '\n' || c == '\r') return "the end of the line";
  if (c > ' ' && c <= '~') return format_text<31>("`%c`", c);
  if (text.substr(at, 3) == "\xEF\xBB\xBF") return "a byte order mark";
  return format_text<31>("the byte 0x%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
}

}  // namespace

std::optional<SyntaxMistake> JsonText::check() const {
  Walker walker{text_};
  if (walker.value(0) && walker.end()) return std::nullopt;
  return SyntaxMistake{place_of(text_, walker.at()), found_at(text_, walker.at()), walker.expected()};
}

TextPlace JsonText::locate(std::span<const std::uint16_t> way) const {
  Walker walker{text_};
  walker.next();
  std::size_t at = walker.at();
  for (const std::uint16_t ordinal : way) {
    const bool is_object = walker.next() == '{';
    walker.take(is_object ? '{' : '[');
    for (std::uint16_t i = 0; i < ordinal; ++i) {
      if (is_object) walker.name();
      walker.value(0);
      walker.take(',');
    }
    walker.next();
    at = walker.at();
    if (is_object) walker.name();
  }
  return place_of(text_, at);
}

}  // namespace signalbox::device
