#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"

namespace signalbox::session {

/// The life of a connection, one way only.
enum class Phase : std::uint8_t {
  tcp,            ///< accepted
  tls,            ///< handshake done
  upgrade,        ///< the HTTP request is a good WebSocket handshake and a session is taken
  welcome,        ///< the socket is open and told who we are; no credential yet
  authenticated,  ///< everything is served
  draining,       ///< goodbye said; only what is owed is still sent
  closed,         ///< gone; its places are free again
};
inline constexpr std::size_t kPhases = 7;

constexpr std::string_view wire_name(Phase phase) {
  constexpr std::array<std::string_view, kPhases> names{"tcp",           "tls",      "upgrade", "welcome",
                                                        "authenticated", "draining", "closed"};
  return names[static_cast<std::size_t>(phase)];
}

/// Which steps there are. Every phase may end in `closed`: networks fail anywhere.
constexpr bool is_step(Phase from, Phase to) {
  switch (from) {
    case Phase::tcp: return to == Phase::tls || to == Phase::closed;
    case Phase::tls: return to == Phase::upgrade || to == Phase::closed;
    case Phase::upgrade: return to == Phase::welcome || to == Phase::closed;
    case Phase::welcome: return to == Phase::authenticated || to == Phase::draining || to == Phase::closed;
    case Phase::authenticated: return to == Phase::draining || to == Phase::closed;
    case Phase::draining: return to == Phase::closed;
    case Phase::closed: return false;
  }
  return false;
}

/// Counts every step of every connection since start. Who is where now follows from the counts.
class LifeCounts {
 public:
  void arrive() { ++arrived_; }
  void step(Phase from, Phase to) {
    SIGNALBOX_CHECK(is_step(from, to));
    ++steps_[static_cast<std::size_t>(from)][static_cast<std::size_t>(to)];
  }
  std::uint64_t arrived() const { return arrived_; }
  std::uint64_t steps(Phase from, Phase to) const {
    return steps_[static_cast<std::size_t>(from)][static_cast<std::size_t>(to)];
  }

 private:
  std::uint64_t arrived_ = 0;
  std::array<std::array<std::uint64_t, kPhases>, kPhases> steps_{};
};

}  // namespace signalbox::session
