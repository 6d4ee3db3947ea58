#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "device/rung.hpp"
#include "sim/storm/recorder.hpp"

namespace signalbox::sim::storm {

/// A command or scene as its sender remembers it.
struct AskedCommand {
  /// One output of it.
  struct Move {
    Output output = Output::heater;
    bool toggles = false;
    bool releases = false;
    double level = 0.0;  ///< as the twin counts it
    std::optional<std::uint64_t> if_version{};
    std::uint64_t version_then = 0;  ///< the channel's, when it was first delivered; 0: not known
  };
  std::vector<Move> moves;
  device::Rung until = device::Rung::verified;
  std::optional<std::int64_t> deadline_ms;
  std::optional<std::int64_t> not_after_ms;
  std::optional<std::int64_t> lease_ms;
  Instant deadline{};      ///< counted from the moment it was delivered
  std::size_t rivals = 0;  ///< commands of the same client that were unanswered at that moment
  std::string epoch;       ///< it is meant for that one only; empty: for any
  bool is_named = false;   ///< it has a clientId: its answer is kept for a repeat

  /// A version that had passed when the command came: it will never be again.
  bool is_stale() const {
    for (const Move& move : moves)
      if (move.if_version && *move.if_version < move.version_then) return true;
    return false;
  }
  bool toggles() const {
    for (const Move& move : moves)
      if (move.toggles) return true;
    return false;
  }
  bool moves_heater() const {
    for (const Move& move : moves)
      if (move.output == Output::heater) return true;
    return false;
  }
};

}  // namespace signalbox::sim::storm
