#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace signalbox {

/// How many bytes at the beginning of `text` stand for themselves in a text of JSON (RFC 8259 section 7), and
/// are characters each: ASCII but quotes, backslashes and control characters. Looks at sixteen bytes at a
/// time, or eight.
inline std::size_t plain_bytes(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighBits = kOnes * 0x80;
  // A byte below `n` borrows into its high bit; so may those above it, but none below.
  constexpr auto below = [](std::uint64_t word, std::uint64_t n) { return word - kOnes * n; };
  std::size_t i = 0;
#if defined(__SSE2__) || defined(__ARM_NEON)
  using Block = signed char __attribute__((vector_size(16)));  // others than ASCII are negative
  for (Block block{}; i + sizeof block <= text.size(); i += sizeof block) {
    std::memcpy(&block, text.data() + i, sizeof block);
    const auto special = (block < 0x20) | (block == '"') | (block == '\\');
#if defined(__SSE2__)
    const auto places = static_cast<unsigned>(_mm_movemask_epi8(std::bit_cast<__m128i>(special)));
    if (places != 0) return i + static_cast<std::size_t>(std::countr_zero(places));
#else
    const auto halves = std::bit_cast<std::array<std::uint64_t, 2> >(special);
    if ((halves[0] | halves[1]) != 0) break;
#endif
  }
#endif
  std::uint64_t word = 0;
  for (; i + sizeof word <= text.size(); i += sizeof word) {
    std::memcpy(&word, text.data() + i, sizeof word);
    const std::uint64_t special =
        (below(word, 0x20) | below(word ^ (kOnes * '"'), 1) | below(word ^ (kOnes * '\\'), 1) | word) &
        kHighBits;
    if (special == 0) continue;
    if constexpr (std::endian::native == std::endian::little)
      return i + static_cast<std::size_t>(std::countr_zero(special)) / 8;
    break;
  }
  static constexpr std::array<bool, 256> kPlain = [] {  // else it would be made on the stack each time
    std::array<bool, 256> plain{};
    for (std::size_t byte = 0x20; byte < 0x80; ++byte) plain[byte] = byte != '"' && byte != '\\';
    return plain;
  }();
  while (i < text.size() && kPlain[static_cast<unsigned char>(text[i])]) ++i;
  return i;
}

}  // namespace signalbox
