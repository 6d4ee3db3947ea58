#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/json_document.hpp"

namespace signalbox {

/// The pass of a JsonDocument over its text. After the first mistake everything answers false.
class JsonScan {
 public:
  /// Both are filled from the front; `unescaped` may be shorter than the text, where that has no escapes.
  JsonScan(std::string_view text, std::span<JsonValue> values, std::span<char> unescaped)
      : begin_{text.data()},
        at_{begin_},
        end_{begin_ + text.size()},
        values_{values},
        unescaped_{unescaped} {}

  void run() {
    if (!value(JsonFault::value, 0)) return;
    next();
    if (at_ != end_) wrong(JsonFault::end);
  }

  JsonFault fault() const { return fault_; }
  std::size_t at() const { return static_cast<std::size_t>(at_ - begin_); }
  /// How many values there are.
  std::size_t count() const { return count_; }
  bool has_escapes() const { return has_escapes_; }

 private:
  bool wrong(JsonFault fault) {
    fault_ = fault;
    return false;
  }
  std::string_view rest() const { return {at_, static_cast<std::size_t>(end_ - at_)}; }
  /// The byte at the cursor; zero at the end, and for a zero byte, which is right nowhere.
  char here() const { return at_ != end_ ? *at_ : '\0'; }
  /// The next byte that is no white space.
  char next() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
    return here();
  }
  bool take(char c) {
    if (here() != c) return false;
    ++at_;
    return true;
  }
  bool take_next(char c) {
    next();
    return take(c);
  }
  bool add(JsonKind kind, const char* from, std::size_t extent);

  bool value(JsonFault otherwise, std::size_t level);
  bool container(JsonKind kind, std::size_t level);
  bool members(std::uint16_t& held, std::size_t level);
  bool entries(std::uint16_t& held, std::size_t level);
  bool word(std::string_view expected, JsonKind kind, JsonFault otherwise);
  bool digits();
  bool number();
  bool text();
  bool odd_text(const char* from);
  bool escape(char*& into);
  int utf16_unit();

  const char* begin_;
  const char* at_;
  const char* end_;
  std::span<JsonValue> values_;
  std::span<char> unescaped_;
  std::size_t count_ = 0;
  JsonFault fault_ = JsonFault::none;
  bool has_escapes_ = false;
};

}  // namespace signalbox
