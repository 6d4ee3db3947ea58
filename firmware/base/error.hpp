#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/fixed_text.hpp"

namespace signalbox {

/// Why something was not done: the one fixed list, the same in code, on the wire and in the docs.
enum class Reason : std::uint8_t {
  malformed,
  unknown_type,
  unauthenticated,
  forbidden,
  not_found,
  out_of_range,
  busy,
  interlocked,
  stopped,
  held,
  expired,
  conflict,
  superseded,
  foreign_epoch,
  overloaded,
  too_big,
  offline,
  failed,
  mismatch,
  unknown,
  internal,
};
inline constexpr std::size_t kReasons = 21;

/// The word on the wire, such as `outOfRange`.
constexpr std::string_view wire_name(Reason reason) {
  constexpr std::array<std::string_view, kReasons> names{
      "malformed",  "unknownType",  "unauthenticated", "forbidden", "notFound", "outOfRange",
      "busy",       "interlocked",  "stopped",         "held",      "expired",  "conflict",
      "superseded", "foreignEpoch", "overloaded",      "tooBig",    "offline",  "failed",
      "mismatch",   "unknown",      "internal"};
  return names[static_cast<std::size_t>(reason)];
}

/// Whether the same request may succeed later without being changed.
constexpr bool is_temporary(Reason reason) {
  switch (reason) {
    case Reason::busy:
    case Reason::interlocked:
    case Reason::stopped:
    case Reason::held:
    case Reason::expired:
    case Reason::overloaded:
    case Reason::offline:
    case Reason::failed:
    case Reason::mismatch:
    case Reason::unknown: return true;
    default: return false;
  }
}

/// A refusal or failure, ready to be told: why, which member of the input, in words, and when to try again.
struct Error {
  Reason reason = Reason::internal;
  FixedText<207> detail;
  FixedText<31> field{};             ///< the member at fault, such as `payload.value`; empty where none is
  std::uint32_t retry_after_ms = 0;  ///< 0: no hint
};

}  // namespace signalbox
