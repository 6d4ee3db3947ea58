#include "protocol/plain_text.hpp"

#include <cstdint>
#include <cstring>

namespace signalbox::protocol {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighBits = kOnes * 0x80;

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

/// Whether some byte of a word without high bits is below `n`, which is at most 0x80: only such a one
/// borrows.
constexpr std::uint64_t below(std::uint64_t word, std::uint64_t n) { return (word - kOnes * n) & kHighBits; }

/// The same of eight bytes at once.
bool is_plain(std::uint64_t word) {
  const std::uint64_t special =
      below(word, 0x20) | below(word ^ kOnes * '"', 1) | below(word ^ kOnes * '\\', 1) | (word & kHighBits);
  return special == 0;
}

}  // namespace

std::size_t plain_bytes(std::string_view text) {
  std::size_t i = 0;
  std::uint64_t word = 0;
  for (; i + sizeof word <= text.size(); i += sizeof word) {
    std::memcpy(&word, text.data() + i, sizeof word);
    if (!is_plain(word)) break;
  }
  while (i < text.size() && is_plain(text[i])) ++i;
  return i;
}

}  // namespace signalbox::protocol
