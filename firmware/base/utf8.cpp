#include "base/utf8.hpp"

#include <cstdint>

namespace signalbox {
namespace {

struct Lead {
  std::size_t bytes;
  std::uint8_t second_min;  ///< narrower than 80..BF where overlong forms or surrogates would slip in
  std::uint8_t second_max;
};

Lead lead(std::uint8_t byte) {
  if (byte < 0x80) return {1, 0, 0};
  if (byte < 0xC2) return {0, 0, 0};
  if (byte < 0xE0) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte < 0xF0) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte < 0xF4) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

}  // namespace

std::size_t utf8_character_bytes(std::string_view text) {
  if (text.empty()) return 0;
  const Lead first = lead(static_cast<std::uint8_t>(text[0]));
  if (first.bytes <= 1) return first.bytes;
  if (text.size() < first.bytes) return 0;
  const auto second = static_cast<std::uint8_t>(text[1]);
  if (second < first.second_min || second > first.second_max) return 0;
  for (std::size_t i = 2; i < first.bytes; ++i)
    if ((static_cast<std::uint8_t>(text[i]) & 0xC0U) != 0x80U) return 0;
  return first.bytes;
}

}  // namespace signalbox
