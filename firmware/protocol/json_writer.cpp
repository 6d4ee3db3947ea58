#include "protocol/json_writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/plain_text.hpp"
#include "base/utf8.hpp"
#include "protocol/number_text.hpp"

namespace signalbox::protocol {
namespace {

constexpr std::uint64_t kExactMax = std::uint64_t{1} << 53U;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

template <typename Integer>
std::string_view digits_of(Integer value, std::span<char> into) {
  const std::to_chars_result end = std::to_chars(into.data(), into.data() + into.size(), value);
  return {into.data(), static_cast<std::size_t>(end.ptr - into.data())};
}

}  // namespace

void JsonWriter::put(char c) {
  fits_ = fits_ && size_ < into_.size();
  if (fits_) into_[size_++] = c;
}

void JsonWriter::put(std::string_view text) {
  fits_ = fits_ && text.size() <= into_.size() - size_;
  if (!fits_) return;
  std::copy(text.begin(), text.end(), into_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += text.size();
}

void JsonWriter::separate() {
  if (needs_comma_) put(',');
  needs_comma_ = true;
}

JsonWriter& JsonWriter::begin_object() {
  if (std::exchange(continues_, false)) return *this;
  separate();
  put('{');
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_object() {
  put('}');
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::continue_object() {
  continues_ = true;
  return *this;
}

JsonWriter& JsonWriter::begin_array() {
  separate();
  put('[');
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_array() {
  put(']');
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  quoted(name);
  put(':');
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
  separate();
  quoted(value);
  return *this;
}

void JsonWriter::quoted(std::string_view value) {
  put('"');
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
  put('"');
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

JsonWriter& JsonWriter::number(double value) {
  if (!std::isfinite(value)) return null();
  separate();
  put(number_text(value));
  return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t value) {
  std::array<char, 20> digits{};
  separate();
  put(digits_of(value, digits));
  return *this;
}

JsonWriter& JsonWriter::counter(std::uint64_t value) {
  std::array<char, 20> digits{};
  const std::string_view shown = digits_of(value, digits);
  if (value > kExactMax) return text(shown);
  separate();
  put(shown);
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
  separate();
  put(value ? "true" : "false");
  return *this;
}

JsonWriter& JsonWriter::null() {
  separate();
  put("null");
  return *this;
}

JsonWriter& JsonWriter::member_unless_empty(std::string_view name, std::string_view value) {
  return value.empty() ? *this : key(name).text(value);
}

}  // namespace signalbox::protocol
