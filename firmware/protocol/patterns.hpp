#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/fixed_text.hpp"
#include "base/path_pattern.hpp"
#include "base/result.hpp"

namespace signalbox::protocol {

class JsonReader;

inline constexpr std::size_t kPatternsMax = 8;  ///< in one request

/// The member `paths`: which channels a request is about.
struct Patterns {
  std::array<FixedText<kPathBytesMax>, kPatternsMax> places{};
  std::uint8_t count = 0;

  std::span<const FixedText<kPathBytesMax>> all() const { return std::span{places}.first(count); }
};
Result<Patterns> read_patterns(const JsonReader& payload);

}  // namespace signalbox::protocol
