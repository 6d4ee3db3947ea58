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

/// The numeric code that goes with a reason: the HTTP status of RFC 9110 that says the same.
constexpr std::uint16_t code_of(Reason reason) {
  switch (reason) {
    case Reason::malformed: return 400;
    case Reason::unauthenticated: return 401;
    case Reason::forbidden: return 403;
    case Reason::not_found: return 404;
    case Reason::expired: return 408;
    case Reason::conflict:
    case Reason::superseded: return 409;
    case Reason::foreign_epoch: return 412;
    case Reason::too_big: return 413;
    case Reason::out_of_range: return 422;
    case Reason::interlocked:
    case Reason::stopped:
    case Reason::held: return 423;
    case Reason::busy: return 429;
    case Reason::unknown_type: return 501;
    case Reason::failed:
    case Reason::mismatch: return 502;
    case Reason::overloaded:
    case Reason::offline: return 503;
    case Reason::unknown: return 504;
    case Reason::internal: break;
  }
  return 500;
}

/// A refusal or failure, ready to be told: why, which member of the input, in words, and when to try again.
struct Error {
  Reason reason = Reason::internal;
  FixedText<223> detail;
  FixedText<31> field{};             ///< the member at fault, such as `payload.value`; empty where none is
  std::uint32_t retry_after_ms = 0;  ///< 0: no hint
};

}  // namespace signalbox
