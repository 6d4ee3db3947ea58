#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/fixed_text.hpp"

namespace signalbox::hal::kernel {

/// Makes lines of what comes on a serial line, byte for byte. It comes in at any place: what is before the
/// first end of a line is no line.
class TextLines {
 public:
  static constexpr std::size_t kLineBytesMax = 127;

  /// True where the byte ends a line that is text (UTF-8 without control characters but tabs).
  bool take(char byte);
  /// Something was lost, such as the device: it goes on behind the next end of a line.
  void lose() {
    size_ = 0;
    is_lost_ = is_new_ = true;
  }
  std::string_view line() const { return line_; }
  /// How many were too long, or no text.
  std::uint32_t dropped() const { return dropped_; }

 private:
  FixedText<kLineBytesMax> line_;
  std::array<char, kLineBytesMax> bytes_{};
  std::size_t size_ = 0;
  bool is_lost_ = true;  ///< the rest of the line is passed over
  bool is_new_ = true;   ///< it came in the middle of it
  std::uint32_t dropped_ = 0;
};

}  // namespace signalbox::hal::kernel
