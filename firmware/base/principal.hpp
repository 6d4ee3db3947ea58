#pragma once

#include <cstdint>
#include <string_view>

#include "base/fixed_text.hpp"
#include "base/path_pattern.hpp"

namespace signalbox {

/// What one may ask of a path.
enum class Right : std::uint8_t { read, control, administer };

/// Somebody who showed a credential, with what it allows.
struct Principal {
  FixedText<31> name;
  FixedText<kPathBytesMax> readable;         ///< pattern of what may be read; empty: nothing
  FixedText<kPathBytesMax> controllable;     ///< pattern of what may be moved; empty: nothing
  FixedText<kPathBytesMax> administrable{};  ///< pattern of what may be taken from others and reset

  bool may(Right right, std::string_view path) const {
    const std::string_view pattern = right == Right::read      ? readable.view()
                                     : right == Right::control ? controllable.view()
                                                               : administrable.view();
    return !pattern.empty() && matches(pattern, path);
  }
  friend bool operator==(const Principal&, const Principal&) = default;
};

}  // namespace signalbox
