#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/utf8.hpp"

namespace signalbox::link {

/// Tells whether bytes that come in pieces are UTF-8 (RFC 3629): no overlong forms, surrogates, or code
/// points beyond U+10FFFF. A wrong byte is noticed when it comes, as RFC 6455 section 8.1 wants.
class Utf8Check {
 public:
  /// False from the first byte on that cannot be UTF-8.
  bool take(std::span<const unsigned char> bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (missing_ == 0)
        i += ascii_bytes({reinterpret_cast<const char*>(bytes.data()) + i, bytes.size() - i});
      if (i < bytes.size() && !take(bytes[i])) return false;
    }
    return true;
  }
  /// Whether the text may end here, between two characters.
  bool complete() const { return missing_ == 0; }
  void restart() { missing_ = 0; }

 private:
  bool take(unsigned char byte) {
    if (missing_ > 0) {
      if (byte < low_ || byte > high_) return false;
      low_ = 0x80;
      high_ = 0xBF;
      --missing_;
      return true;
    }
    if (byte < 0x80) return true;
    if (byte < 0xC2 || byte > 0xF4) return false;
    missing_ = static_cast<std::uint8_t>(byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3);
    low_ = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
    high_ = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
    return true;
  }

  std::uint8_t missing_ = 0;  ///< bytes the character still lacks
  std::uint8_t low_ = 0x80;   ///< what the next of them may be
  std::uint8_t high_ = 0xBF;
};

}  // namespace signalbox::link
