#pragma once

#include <cstddef>
#include <cstdint>

namespace signalbox::device {

/// What may be asked of an output.
enum class Action : std::uint8_t {
  set,
  toggle,   ///< the opposite of what it is when its turn comes
  pulse,    ///< on for a while, and back to its safe value
  release,  ///< to its safe value, which also ends its lease
};

/// The most outputs that are moved together, by one scene.
inline constexpr std::size_t kWritesMax = 8;

}  // namespace signalbox::device
