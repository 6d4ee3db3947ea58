#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>

namespace signalbox::drivers {

/// An input that a converter can measure against another one instead of ground.
struct InputPair {
  std::string_view text;  ///< `0-1`: input 0 against input 1
  std::size_t input;      ///< the first one
  unsigned code;          ///< how the converter is told
};

// A setting `pairs` has some of those that a converter knows, joined by commas.
/// Takes the first pair of the list away from it; nullptr: it is none that is known.
inline const InputPair* take_pair(std::string_view& list, std::span<const InputPair> known) {
  const std::size_t comma = list.find(',');
  const std::string_view first = list.substr(0, comma);
  list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  const auto found = std::ranges::find(known, first, &InputPair::text);
  return found == known.end() ? nullptr : &*found;
}
/// Whether it has nothing else, each first input once, rising.
inline bool are_pairs(std::string_view text, std::span<const InputPair> known) {
  if (text.ends_with(',')) return false;
  for (std::size_t next = 0; !text.empty();) {
    const InputPair* pair = take_pair(text, known);
    if (pair == nullptr || pair->input < next) return false;
    next = pair->input + 1;
  }
  return true;
}

/// That of `input`; nullptr: it is measured against ground.
inline const InputPair* pair_of(std::size_t input, std::string_view text, std::span<const InputPair> known) {
  while (!text.empty()) {
    const InputPair* pair = take_pair(text, known);
    if (pair != nullptr && pair->input == input) return pair;
  }
  return nullptr;
}

}  // namespace signalbox::drivers
