#pragma once

#include <cstdint>

#include "base/fixed_text.hpp"

namespace signalbox::control {

/// Who holds leases and batons. It outlives a connection: a session that returns by its token keeps its own.
using Holder = std::uint64_t;
inline constexpr Holder kNobody = 0;

/// Who wants an output moved, and from where.
struct Actor {
  Holder holder = kNobody;
  FixedText<31> name{};     ///< of the principal
  FixedText<23> session{};  ///< on the wire
  FixedText<45> peer{};     ///< address
};

}  // namespace signalbox::control
