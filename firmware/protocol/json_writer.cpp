#include "protocol/json_writer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/plain_text.hpp"
#include "base/utf8.hpp"
#include "protocol/number_text.hpp"

namespace signalbox::protocol {
namespace {

constexpr std::uint64_t kExactMax = std::uint64_t{1} << 53U;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

/// 00 01 02 … 99.
constexpr auto kPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i)
    pairs[i] = static_cast<char>('0' + (i % 2 == 0 ? i / 20 : i / 2 % 10));
  return pairs;
}();

/// The digits, written to the end of `into`; with a third of the instructions of std::to_chars, which has its
/// table of digits on the stack.
std::string_view digits_of(std::uint64_t value, bool is_negative, std::span<char, 20> into) {
  char* const end = into.data() + into.size();
  char* first = end;
  const auto put_pair = [&first](std::uint32_t pair) {
    first -= 2;
    std::copy_n(&kPairs[pair * 2], 2, first);
  };
  for (; value >= 10000; value /= 10000) {
    const auto four = static_cast<std::uint32_t>(value % 10000);
    put_pair(four % 100);
    put_pair(four / 100);
  }
  auto rest = static_cast<std::uint32_t>(value);
  if (rest >= 100) {
    put_pair(rest % 100);
    rest /= 100;
  }
  if (rest >= 10)
    put_pair(rest);
  else
    *--first = static_cast<char>('0' + rest);
  if (is_negative) *--first = '-';
  return {first, static_cast<std::size_t>(end - first)};
}

}  // namespace

void JsonWriter::put(std::string_view text) {
  if (has_room(text.size())) next_ = std::copy(text.begin(), text.end(), next_);
}

JsonWriter& JsonWriter::value(std::string_view text) {
  if (begin_value(text.size())) next_ = std::copy(text.begin(), text.end(), next_);
  return *this;
}

JsonWriter& JsonWriter::begin(char bracket) {
  if (begin_value(1)) *next_++ = bracket;
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end(char bracket) {
  if (has_room(1)) *next_++ = bracket;
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::begin_object() { return std::exchange(continues_, false) ? *this : begin('{'); }

JsonWriter& JsonWriter::end_object() { return end('}'); }

JsonWriter& JsonWriter::continue_object() {
  continues_ = true;
  return *this;
}

JsonWriter& JsonWriter::begin_array() { return begin('['); }

JsonWriter& JsonWriter::end_array() { return end(']'); }

/// As it is: a value, or a name and its colon.
JsonWriter& JsonWriter::quoted(std::string_view text, bool is_name) {
  if (begin_value(text.size() + (is_name ? 3 : 2))) {
    char* at = next_;
    *at++ = '"';
    at = std::copy(text.begin(), text.end(), at);
    *at++ = '"';
    if (is_name) *at++ = ':';
    next_ = at;
  }
  needs_comma_ = !is_name;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) { return quoted(name, true); }

JsonWriter& JsonWriter::word(std::string_view value) { return quoted(value, false); }

JsonWriter& JsonWriter::text(std::string_view value) {
  if (plain_bytes(value) == value.size()) return word(value);
  if (begin_value(1)) *next_++ = '"';
  escaped(value);
  put("\"");
  return *this;
}

void JsonWriter::escaped(std::string_view value) {
  while (!value.empty() && fits_) {
    std::size_t taken = plain_bytes(value);
    if (taken > 0) {
      put(value.substr(0, taken));
    } else if (static_cast<unsigned char>(value[0]) < 0x80) {
      escape(static_cast<unsigned char>(value[0]));
      taken = 1;
    } else {
      const std::size_t bytes = utf8_character_bytes(value);
      put(bytes > 0 ? value.substr(0, bytes) : kReplacement);
      taken = std::max<std::size_t>(bytes, 1);
    }
    value.remove_prefix(taken);
  }
}

void JsonWriter::escape(unsigned char c) {
  constexpr std::string_view hex = "0123456789abcdef";
  switch (c) {
    case '"': return put("\\\"");
    case '\\': return put("\\\\");
    case '\b': return put("\\b");
    case '\f': return put("\\f");
    case '\n': return put("\\n");
    case '\r': return put("\\r");
    case '\t': return put("\\t");
    default: {
      const std::array<char, 6> code{'\\', 'u', '0', '0', hex[c >> 4U], hex[c & 0xFU]};
      return put({code.data(), code.size()});
    }
  }
}

JsonWriter& JsonWriter::number(double number) {
  return std::isfinite(number) ? value(number_text(number)) : null();
}

JsonWriter& JsonWriter::integer(std::int64_t number) {
  std::array<char, 20>
      digits;  // NOLINT(cppcoreguidelines-pro-type-member-init): only what is written is read
  const auto bits = static_cast<std::uint64_t>(number);
  return value(digits_of(number < 0 ? 0 - bits : bits, number < 0, digits));
}

JsonWriter& JsonWriter::counter(std::uint64_t number) {
  std::array<char, 20> digits;  // NOLINT(cppcoreguidelines-pro-type-member-init): the same
  const std::string_view shown = digits_of(number, false, digits);
  return number > kExactMax ? text(shown) : value(shown);
}

JsonWriter& JsonWriter::boolean(bool state) { return value(state ? "true" : "false"); }

JsonWriter& JsonWriter::null() { return value("null"); }

JsonWriter& JsonWriter::member_unless_empty(std::string_view name, std::string_view value) {
  return value.empty() ? *this : key(name).text(value);
}

}  // namespace signalbox::protocol
