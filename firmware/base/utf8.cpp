#include "base/utf8.hpp"

#include <array>
#include <cstdint>
#include <cstring>

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

std::size_t ascii_bytes(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::size_t i = 0;
  std::array<std::uint64_t, 4> words;  // many at a time: nearly all of them are
  for (; i + sizeof words <= text.size(); i += sizeof words) {
    std::memcpy(words.data(), text.data() + i, sizeof words);
    if (((words[0] | words[1] | words[2] | words[3]) & kHighBits) != 0) break;
  }
  std::uint64_t word = 0;
  for (; i + sizeof word <= text.size(); i += sizeof word) {
    std::memcpy(&word, text.data() + i, sizeof word);
    if ((word & kHighBits) != 0) break;
  }
  while (i < text.size() && static_cast<std::uint8_t>(text[i]) < 0x80) ++i;
  return i;
}

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

bool has_controls(std::string_view text, std::string_view allowed) {
  while (!text.empty()) {
    const std::size_t bytes = utf8_character_bytes(text);
    const auto at = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    if (bytes == 0) return true;
    if (bytes == 1 && (at(0) < 0x20 || at(0) == 0x7F) && allowed.find(text[0]) == std::string_view::npos)
      return true;
    if (bytes == 2 && at(0) == 0xC2 && at(1) < 0xA0) return true;  // U+0080 to U+009F
    if (bytes == 3 && at(0) == 0xE2 && at(1) == 0x80 && at(2) >= 0xA8 && at(2) <= 0xAE) return true;
    if (bytes == 3 && at(0) == 0xE2 && at(1) == 0x81 && at(2) >= 0xA6 && at(2) <= 0xA9) return true;
    text.remove_prefix(bytes);
  }
  return false;
}

}  // namespace signalbox
