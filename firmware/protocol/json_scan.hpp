#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/result.hpp"

namespace signalbox::protocol {

inline constexpr std::size_t kNestingMax = 16;
inline constexpr std::size_t kNumberBytesMax = 63;

/// A member of the outermost object that is wanted even where the rest is broken.
struct Salvage {
  std::string_view name;
  std::string_view text;   ///< its text or number where it was seen, has no escapes and was whole; else empty
  bool is_number = false;  ///< `text` is a number as it was sent
  std::size_t times = 0;   ///< how often the name was seen

  /// Whether it is that text, and stands once.
  bool is(std::string_view expected) const { return times == 1 && !is_number && text == expected; }
};

/// Whether `text` is one JSON value as RFC 8259 has it and as we take it: UTF-8, no more than kNestingMax
/// levels, no `\u0000`, no unpaired surrogates, numbers of at most kNumberBytesMax characters. Parsers are
/// laxer, and cannot say where and why they stopped; after this one, a parser can only fail for want of
/// memory. Error: `malformed`, with the place. Takes time linear in the text, and no memory.
Result<void> scan_json(std::string_view text, std::span<Salvage> salvage);

}  // namespace signalbox::protocol
