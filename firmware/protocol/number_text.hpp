#pragma once

#include <array>
#include <charconv>

#include "base/fixed_text.hpp"

namespace signalbox::protocol {

/// The shortest decimal form that reads back as the same double; needs no locale. At most 24 bytes:
/// `-1.7976931348623157e+308`.
inline FixedText<24> number_text(double value) {
  std::array<char, 24> digits{};
  const std::to_chars_result end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return std::string_view{digits.data(), static_cast<std::size_t>(end.ptr - digits.data())};
}

}  // namespace signalbox::protocol
