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

/// `plain_bytes` of what is shorter than sixteen bytes, or where one of the first sixteen is not plain.
std::size_t plain_bytes_of_few(std::string_view text);

/// How many bytes at the beginning of `text` stand for themselves in a text of JSON (RFC 8259 section 7), and
/// are characters each: ASCII but quotes, backslashes and control characters. Looks at sixteen bytes at a
/// time.
inline std::size_t plain_bytes(std::string_view text) {
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
  return i + plain_bytes_of_few({text.data() + i, text.size() - i});
}

}  // namespace signalbox
