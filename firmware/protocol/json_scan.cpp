#include "protocol/json_scan.hpp"

#include <array>
#include <cstdint>

#include "base/utf8.hpp"
#include "protocol/plain_text.hpp"

namespace signalbox::protocol {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Walks the text once. What may come next is one word, what is open is one bit per level.
class Scan {
 public:
  Scan(std::string_view text, std::span<Salvage> salvage) : text_{text}, salvage_{salvage} {}

  Result<void> run() {
    while (ok_) {
      skip_space();
      if (at_ == text_.size()) {
        if (next_ != Next::end) fail("the text ends", expected());
        break;
      }
      step();
    }
    if (ok_) return {};
    return error_;
  }

 private:
  enum class Next : std::uint8_t { value, first_entry, first_key, key, after_member, after_entry, end };

  void step() {
    switch (next_) {
      case Next::first_entry:
        if (take(']')) return close();
        return value();
      case Next::value: return value();
      case Next::first_key:
        if (take('}')) return close();
        return key();
      case Next::key: return key();
      case Next::after_member:
        if (take(',')) return expect(Next::key);
        return take('}') ? close() : unexpected();
      case Next::after_entry:
        if (take(',')) return expect(Next::value);
        return take(']') ? close() : unexpected();
      case Next::end: return unexpected();
    }
  }

  void value() {
    const char c = text_[at_];
    if (c == '{') return open(Next::first_key, 1);
    if (c == '[') return open(Next::first_entry, 0);
    if (c == '"') {
      const std::string_view found = string();
      if (ok_ && depth_ == 1) keep(found, false);
    } else if (c == '-' || is_digit(c)) {
      const std::size_t start = at_;
      number();
      if (ok_ && depth_ == 1) keep(text_.substr(start, at_ - start), true);
    } else if (!word("true") && !word("false") && !word("null")) {
      return unexpected();
    }
    if (ok_) next_ = after();
  }

  void open(Next first, std::uint32_t object) {
    if (depth_ == kNestingMax) return fail("nested deeper than 16", "no more than 16 levels");
    ++at_;
    ++depth_;
    objects_ = (objects_ << 1U) | object;
    next_ = first;
  }

  void close() {
    --depth_;
    objects_ >>= 1U;
    next_ = after();
  }

  Next after() const {
    if (depth_ == 0) return Next::end;
    return (objects_ & 1U) != 0 ? Next::after_member : Next::after_entry;
  }

  void key() {
    if (text_[at_] != '"') return unexpected();
    const std::string_view found = string();
    if (!ok_) return;
    if (depth_ == 1) name(found);
    skip_space();
    if (!take(':')) return fail("a member's name stands alone", "':' and a value");
    next_ = Next::value;
  }

  /// The bytes between the quotes; empty where they hold an escape, since the text is not copied.
  std::string_view string() {
    const std::size_t start = ++at_;
    bool escapes = false;
    while (ok_ && at_ < text_.size()) {
      at_ += plain_bytes(text_.substr(at_));
      if (at_ == text_.size()) break;
      const char c = text_[at_];
      if (c == '"') {
        const std::size_t end = at_++;
        return escapes ? std::string_view{} : text_.substr(start, end - start);
      }
      if (c == '\\') {
        escapes = true;
        escape();
      } else if (static_cast<unsigned char>(c) < 0x20) {
        fail("a control character in a text", "it written as \\n or \\u000a");
      } else {
        const std::size_t bytes = utf8_character_bytes(text_.substr(at_));
        if (bytes == 0) fail("a byte that is not UTF-8", "UTF-8 text");
        at_ += bytes;
      }
    }
    if (ok_) fail("the text ends", "'\"'");
    return {};
  }

  void escape() {
    constexpr std::string_view simple = R"("\/bfnrt)";
    ++at_;
    if (at_ < text_.size() && simple.find(text_[at_]) != std::string_view::npos) {
      ++at_;
      return;
    }
    const int unit = utf16_unit();
    if (unit == 0) return fail("\\u0000 in a text", "text without zero characters");
    const bool high = unit >= 0xD800 && unit <= 0xDBFF;
    const bool low = unit >= 0xDC00 && unit <= 0xDFFF;
    if (unit < 0 || low) return fail("a wrong escape", "\\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\uXXXX");
    if (!high) return;
    const int second = at_ < text_.size() && text_[at_] == '\\' ? (++at_, utf16_unit()) : -1;
    if (second < 0xDC00 || second > 0xDFFF)
      fail("half a surrogate pair", "both halves, such as \\ud83d\\ude00");
  }

  /// The number in `uXXXX` at the cursor, or -1.
  int utf16_unit() {
    if (text_.size() - at_ < 5 || text_[at_] != 'u') return -1;
    int unit = 0;
    for (std::size_t i = 1; i <= 4; ++i) {
      const int digit = hex_digit(text_[at_ + i]);
      if (digit < 0) return -1;
      unit = unit * 16 + digit;
    }
    at_ += 5;
    return unit;
  }

  void number() {
    const std::size_t start = at_;
    take('-');
    bool right = take('0') || digits();
    if (right && take('.')) right = digits();
    if (right && (take('e') || take('E'))) {
      if (!take('+')) take('-');
      right = digits();
    }
    if (!right) return fail("half a number", "one such as -1.5 or 2e3");
    if (at_ - start > kNumberBytesMax) fail("a number of more than 63 characters", "a shorter one");
  }

  bool digits() {
    const std::size_t start = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return at_ > start;
  }

  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }

  bool take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void skip_space() {
    const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  void expect(Next next) { next_ = next; }

  void name(std::string_view found) {
    key_ = found;
    for (Salvage& salvage : salvage_)
      if (salvage.name == key_) ++salvage.times;
  }

  void keep(std::string_view found, bool is_number) {
    for (Salvage& salvage : salvage_) {
      if (salvage.name != key_ || !salvage.text.empty()) continue;
      salvage.text = found;
      salvage.is_number = is_number;
    }
  }

  const char* expected() const {
    switch (next_) {
      case Next::value: return "a value";
      case Next::first_entry: return "a value or ']'";
      case Next::first_key: return "a member's name in quotes or '}'";
      case Next::key: return "a member's name in quotes";
      case Next::after_member: return "',' or '}'";
      case Next::after_entry: return "',' or ']'";
      default: return "nothing more";
    }
  }

  void unexpected() {
    const char c = text_[at_];
    const FixedText<15> found = c > 0x20 && c < 0x7F
                                    ? format_text<15>("'%c'", c)
                                    : format_text<15>("byte 0x%02x", static_cast<unsigned char>(c));
    fail(found, expected());
  }

  void fail(std::string_view found, const char* right) {
    ok_ = false;
    error_ = {.reason = Reason::malformed,
              .detail = format_text<95>("after %zu bytes: %.*s; expected %s", at_,
                                        static_cast<int>(found.size()), found.data(), right)};
  }

  std::string_view text_;
  std::span<Salvage> salvage_;
  std::string_view key_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::uint32_t objects_ = 0;
  Next next_ = Next::value;
  bool ok_ = true;
  Error error_{};
};

}  // namespace

Result<void> scan_json(std::string_view text, std::span<Salvage> salvage) {
  return Scan{text, salvage}.run();
}

}  // namespace signalbox::protocol
