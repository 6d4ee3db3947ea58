#include "base/json_scan.hpp"

#include <algorithm>
#include <utility>

#include "base/plain_text.hpp"
#include "base/utf8.hpp"

namespace signalbox {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// Writes a character; behind it.
char* put_utf8(std::uint32_t code, char* into) {
  const auto put = [&into](std::uint32_t byte) { *into++ = static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
    return into;
  }
  if (code < 0x800) {
    put(0xC0U | code >> 6U);
  } else {
    if (code < 0x10000) {
      put(0xE0U | code >> 12U);
    } else {
      put(0xF0U | code >> 18U);
      put(0x80U | (code >> 12U & 0x3FU));
    }
    put(0x80U | (code >> 6U & 0x3FU));
  }
  put(0x80U | (code & 0x3FU));
  return into;
}

}  // namespace

bool JsonScan::add(JsonKind kind, const char* from, std::size_t extent) {
  if (count_ == values_.size()) return wrong(JsonFault::memory);
  JsonValue& value = values_[count_++];
  value.at_ = from;
  value.extent_ = static_cast<std::uint32_t>(extent);
  value.count_ = 0;
  value.kind_ = kind;
  return true;
}

bool JsonScan::value(JsonFault otherwise,
                     std::size_t level) {  // NOLINT(misc-no-recursion): kLevelsMax bounds it
  switch (next()) {
    case '{': return container(JsonKind::object, level);
    case '[': return container(JsonKind::array, level);
    case '"': return text();
    case 't': return word("true", JsonKind::boolean, otherwise);
    case 'f': return word("false", JsonKind::boolean, otherwise);
    case 'n': return word("null", JsonKind::null, otherwise);
    default: return here() == '-' || is_digit(here()) ? number() : wrong(otherwise);
  }
}

bool JsonScan::container(JsonKind kind, std::size_t level) {  // NOLINT(misc-no-recursion)
  if (level == JsonDocument::kLevelsMax) return wrong(JsonFault::fewer_levels);
  const std::size_t place = count_;
  if (!add(kind, at_, 0)) return false;
  ++at_;
  std::uint16_t held = 0;
  const bool right = kind == JsonKind::object ? members(held, level + 1) : entries(held, level + 1);
  values_[place].count_ = held;
  values_[place].extent_ = static_cast<std::uint32_t>(count_ - place - 1);
  return right;
}

bool JsonScan::members(std::uint16_t& held, std::size_t level) {  // NOLINT(misc-no-recursion)
  if (take_next('}')) return true;
  JsonFault otherwise = JsonFault::name_or_end;
  do {
    if (next() != '"') return wrong(otherwise);
    if (!text()) return false;
    ++held;
    if (!take_next(':')) return wrong(JsonFault::colon);
    if (!value(JsonFault::value, level)) return false;
    otherwise = JsonFault::name;
  } while (take_next(','));
  return take('}') || wrong(JsonFault::end_of_object);
}

bool JsonScan::entries(std::uint16_t& held, std::size_t level) {  // NOLINT(misc-no-recursion)
  if (take_next(']')) return true;
  JsonFault otherwise = JsonFault::value_or_end;
  do {
    if (!value(otherwise, level)) return false;
    ++held;
    otherwise = JsonFault::value;
  } while (take_next(','));
  return take(']') || wrong(JsonFault::end_of_array);
}

bool JsonScan::word(std::string_view expected, JsonKind kind, JsonFault otherwise) {
  if (!rest().starts_with(expected)) return wrong(otherwise);
  const char* from = std::exchange(at_, at_ + expected.size());
  return add(kind, from, expected.size());
}

bool JsonScan::digits() {
  if (!is_digit(here())) return wrong(JsonFault::digit);
  while (is_digit(here())) ++at_;
  return true;
}

bool JsonScan::number() {
  const char* from = at_;
  take('-');
  const bool is_zero = take('0');
  if (!is_zero && !digits()) return false;
  if (is_zero && is_digit(here())) return wrong(JsonFault::no_zero);
  if (take('.') && !digits()) return false;
  if (take('e') || take('E')) {
    if (!take('+')) take('-');
    if (!digits()) return false;
  }
  const auto bytes = static_cast<std::size_t>(at_ - from);
  return bytes > JsonDocument::kNumberBytesMax ? wrong(JsonFault::shorter_number)
                                               : add(JsonKind::number, from, bytes);
}

bool JsonScan::text() {
  const char* from = ++at_;
  at_ += plain_bytes(rest());
  if (here() != '"') return odd_text(from);
  return add(JsonKind::text, from, static_cast<std::size_t>(at_++ - from));
}

/// The same where it is not only ASCII without escapes.
bool JsonScan::odd_text(const char* from) {
  char* unescaped = nullptr;
  char* into = nullptr;
  const char* copied = from;  // so far
  for (; here() != '"'; at_ += plain_bytes(rest())) {
    if (at_ == end_) return wrong(JsonFault::quote);
    if (static_cast<unsigned char>(*at_) < 0x20) return wrong(JsonFault::no_control);
    if (*at_ != '\\') {
      const std::size_t bytes = utf8_character_bytes(rest());
      if (bytes == 0) return wrong(JsonFault::utf8);
      at_ += bytes;
      continue;
    }
    if (unescaped == nullptr) {
      if (static_cast<std::size_t>(end_ - begin_) > unescaped_.size()) return wrong(JsonFault::memory);
      has_escapes_ = true;
      into = unescaped = unescaped_.data() + (from - begin_);
    }
    into = std::copy(copied, at_, into);
    if (!escape(into)) return false;
    copied = at_;
  }
  const char* end = at_++;
  if (unescaped == nullptr) return add(JsonKind::text, from, static_cast<std::size_t>(end - from));
  into = std::copy(copied, end, into);
  return add(JsonKind::text, unescaped, static_cast<std::size_t>(into - unescaped));
}

bool JsonScan::escape(char*& into) {
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
  ++at_;
  const std::size_t simple = kNames.find(here());
  if (simple != std::string_view::npos) {
    ++at_;
    *into++ = kMeant[simple];
    return true;
  }
  if (here() != 'u') return wrong(JsonFault::escape);
  const int unit = utf16_unit();
  if (unit < 0) return wrong(JsonFault::hex_digit);
  if (unit == 0) return wrong(JsonFault::no_null);
  if (unit >= 0xDC00 && unit <= 0xDFFF) return wrong(JsonFault::high_surrogate);
  auto code = static_cast<std::uint32_t>(unit);
  if (unit >= 0xD800 && unit < 0xDC00) {
    if (!rest().starts_with("\\u")) return wrong(JsonFault::low_surrogate);
    ++at_;
    const int second = utf16_unit();
    if (second < 0xDC00 || second > 0xDFFF) return wrong(JsonFault::low_surrogate);
    code = 0x10000U + ((code - 0xD800U) << 10U) + static_cast<std::uint32_t>(second - 0xDC00);
  }
  into = put_utf8(code, into);
  return true;
}

/// The number in `uXXXX` at the cursor; -1 where there is none.
int JsonScan::utf16_unit() {
  ++at_;
  int unit = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const int digit = hex_digit(here());
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

}  // namespace signalbox
