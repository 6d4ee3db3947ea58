#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "base/instant.hpp"
#include "base/principal.hpp"
#include "base/result.hpp"

namespace signalbox::session {

/// What an operation demands of whoever asks for it, before it is even looked at.
enum class Demand : std::uint8_t {
  nothing,     ///< served to anyone: it lets in, or tells nothing
  credential,  ///< of whoever it is
  read,        ///< the right to read something; which channels is asked for each
  control,     ///< the right to move something; likewise
  administer,
  never,  ///< not declared, and so served to nobody
};

/// An operation is a message's type, in whatever dialect, or a method and path of HTTP.
struct Demanded {
  std::string_view operation;
  Demand demand;
};

/// The one place where it is said who may ask for what. Messages without a row here do not compile; routes
/// without one are refused.
inline constexpr std::array kDemands{
    Demanded{"authenticate", Demand::nothing},
    Demanded{"ping", Demand::nothing},
    Demanded{"whoami", Demand::credential},
    Demanded{"refreshToken", Demand::credential},
    Demanded{"ticket", Demand::credential},
    Demanded{"resume", Demand::credential},
    Demanded{"describe", Demand::credential},  // of what may not be read it tells nothing
    Demanded{"presence", Demand::credential},
    Demanded{"announce", Demand::credential},
    Demanded{"join", Demand::credential},
    Demanded{"leave", Demand::credential},
    Demanded{"unsubscribe", Demand::credential},
    Demanded{"subscribe", Demand::read},
    Demanded{"history", Demand::read},
    Demanded{"command", Demand::control},
    Demanded{"scene", Demand::control},
    Demanded{"renew", Demand::control},
    Demanded{"baton", Demand::control},
    Demanded{"acknowledge", Demand::control},
    Demanded{"stop", Demand::control},
    Demanded{"reset", Demand::administer},
    Demanded{"reload", Demand::administer},
    Demanded{"journal", Demand::administer},
    Demanded{"log", Demand::administer},
    Demanded{"issueToken", Demand::administer},
    Demanded{"tokens", Demand::administer},
    Demanded{"revokeToken", Demand::administer},
    // An action of `baton` beside which the others are harmless.
    Demanded{"baton steal", Demand::administer},

    Demanded{"GET /", Demand::nothing},
    Demanded{"GET /healthz", Demand::nothing},
    Demanded{"GET /readyz", Demand::nothing},
    Demanded{"GET /metrics", Demand::read},
    Demanded{"GET /v1/snapshot", Demand::read},
    Demanded{"GET /v1/history", Demand::read},
    Demanded{"GET /v1/events", Demand::read},
    Demanded{"GET /v1/log", Demand::administer},
    Demanded{"GET /v1/stream", Demand::read},
    Demanded{"POST /v1/command", Demand::control},
    Demanded{"GET /v1/ws", Demand::nothing},  // until a credential is shown there is little to ask for
    Demanded{"POST /v1/claim", Demand::nothing},
    Demanded{"POST /v1/login", Demand::credential},
    Demanded{"POST /v1/logout", Demand::nothing},  // it takes nothing from anybody but who asks
    Demanded{"POST /v1/stop", Demand::control},
    Demanded{"GET /.well-known/wot", Demand::read},
};

constexpr Demand demand_of(std::string_view operation) {
  const auto* found = std::find_if(kDemands.begin(), kDemands.end(),
                                   [operation](const Demanded& row) { return row.operation == operation; });
  return found == kDemands.end() ? Demand::never : found->demand;
}

/// Whether `who` may ask for that now; nullptr: nobody. Errors: `unauthenticated`, also where the credential
/// has expired; `forbidden`.
Result<void> permit(Demand demand, const Principal* who, WallTime now);

}  // namespace signalbox::session
