#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "base/instant.hpp"
#include "base/principal.hpp"
#include "base/result.hpp"

namespace signalbox::session {

/// What an operation asks of whoever wants it, before the request itself is looked at.
enum class Clearance : std::uint8_t {
  nothing,     ///< served to anyone: it lets in, or tells nothing
  credential,  ///< of whoever it is
  read,        ///< the right to read something; which channels is asked for each
  control,     ///< the right to move something; likewise
  administer,
  never,  ///< not declared, and so served to nobody
};

/// An operation is a message's type, in whatever dialect, or a method and path of HTTP.
struct Operation {
  std::string_view name;
  Clearance clearance;
};

/// The one table of who may ask for what. A message without a row here does not compile; a route without one
/// is refused.
inline constexpr std::array kOperations{
    Operation{"authenticate", Clearance::nothing},
    Operation{"ping", Clearance::nothing},
    Operation{"whoami", Clearance::credential},
    Operation{"refreshToken", Clearance::credential},
    Operation{"ticket", Clearance::credential},
    Operation{"resume", Clearance::credential},
    Operation{"describe", Clearance::credential},  // of what may not be read it tells nothing
    Operation{"presence", Clearance::credential},
    Operation{"announce", Clearance::credential},
    Operation{"join", Clearance::credential},
    Operation{"leave", Clearance::credential},
    Operation{"unsubscribe", Clearance::credential},
    Operation{"subscribe", Clearance::read},
    Operation{"history", Clearance::read},
    Operation{"command", Clearance::control},
    Operation{"scene", Clearance::control},
    Operation{"renew", Clearance::control},
    Operation{"baton", Clearance::control},
    Operation{"acknowledge", Clearance::control},
    Operation{"stop", Clearance::control},
    Operation{"reset", Clearance::administer},
    Operation{"reload", Clearance::administer},
    Operation{"journal", Clearance::administer},
    Operation{"log", Clearance::administer},
    Operation{"issueToken", Clearance::administer},
    Operation{"tokens", Clearance::administer},
    Operation{"revokeToken", Clearance::administer},
    // An action of `baton` beside which the others are harmless.
    Operation{"baton steal", Clearance::administer},

    Operation{"GET /", Clearance::nothing},
    Operation{"GET /healthz", Clearance::nothing},
    Operation{"GET /readyz", Clearance::nothing},
    Operation{"GET /metrics", Clearance::read},
    Operation{"GET /v1/snapshot", Clearance::read},
    Operation{"GET /v1/history", Clearance::read},
    Operation{"GET /v1/events", Clearance::read},
    Operation{"GET /v1/log", Clearance::administer},
    Operation{"GET /v1/stream", Clearance::read},
    Operation{"POST /v1/command", Clearance::control},
    Operation{"GET /v1/ws", Clearance::nothing},  // until a credential is shown there is little to ask for
    Operation{"POST /v1/claim", Clearance::nothing},
    Operation{"POST /v1/login", Clearance::credential},
    Operation{"POST /v1/logout", Clearance::nothing},  // it takes nothing from anybody but who asks
    Operation{"POST /v1/stop", Clearance::control},
    Operation{"GET /.well-known/wot", Clearance::read},
};

constexpr Clearance clearance_for(std::string_view operation) {
  const auto* found = std::find_if(kOperations.begin(), kOperations.end(),
                                   [operation](const Operation& row) { return row.name == operation; });
  return found == kOperations.end() ? Clearance::never : found->clearance;
}

/// Whether `who` may ask for that now; nullptr: nobody. Errors: `unauthenticated`, also where the credential
/// has expired; `forbidden`.
Result<void> permit(Clearance clearance, const Principal* who, WallTime now);

}  // namespace signalbox::session
