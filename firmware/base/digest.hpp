#pragma once

#include <bit>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace signalbox {

/// A 64-bit fingerprint of a row of values (FNV-1a): tells equal things apart from different ones fast, where
/// nobody has a reason to forge it.
class Digest {
 public:
  constexpr Digest& add(std::string_view text) {
    for (const char c : text) add_byte(static_cast<unsigned char>(c));
    add_byte(0xFF);  // no UTF-8 text has it, so that "ab","c" and "a","bc" differ
    return *this;
  }
  template <typename Number>
  requires std::is_integral_v<Number> || std::is_enum_v<Number>
  constexpr Digest& add(Number number) {
    auto bits = static_cast<std::uint64_t>(number);
    for (int i = 0; i < 8; ++i, bits >>= 8U) add_byte(static_cast<unsigned char>(bits & 0xFFU));
    return *this;
  }
  constexpr Digest& add(double number) { return add(std::bit_cast<std::uint64_t>(number)); }
  constexpr std::uint64_t value() const { return value_; }

 private:
  constexpr void add_byte(unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001B3U; }

  std::uint64_t value_ = 0xCBF29CE484222325U;
};

}  // namespace signalbox
