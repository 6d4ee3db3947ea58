#include "base/plain_text.hpp"

namespace signalbox {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighBitOfEach = kOnes * 0x80;

constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < 0x80; ++byte) plain[byte] = byte != '"' && byte != '\\';
  return plain;
}();

/// A byte below `n` borrows into its high bit; so may those above it, but none below.
std::uint64_t below(std::uint64_t word, std::uint64_t n) { return word - kOnes * n; }

}  // namespace

std::size_t plain_bytes_of_few(std::string_view text) {
  std::size_t i = 0;
  std::uint64_t word = 0;
  for (; i + sizeof word <= text.size(); i += sizeof word) {
    std::memcpy(&word, text.data() + i, sizeof word);
    const std::uint64_t special =
        (below(word, 0x20) | below(word ^ (kOnes * '"'), 1) | below(word ^ (kOnes * '\\'), 1) | word) &
        kHighBitOfEach;
    if (special == 0) continue;
    if constexpr (std::endian::native == std::endian::little)
      return i + static_cast<std::size_t>(std::countr_zero(special)) / 8;
    break;
  }
  while (i < text.size() && kPlain[static_cast<unsigned char>(text[i])]) ++i;
  return i;
}

}  // namespace signalbox
