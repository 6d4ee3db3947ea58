#pragma once

#include <string_view>

#include "base/instant.hpp"
#include "session/context.hpp"
#include "session/control_gate.hpp"
#include "session/deadlines.hpp"
#include "session/door.hpp"
#include "session/exchange.hpp"
#include "session/people.hpp"
#include "session/publisher.hpp"
#include "session/session.hpp"
#include "session/telemetry_gate.hpp"
#include "session/token_desk.hpp"
#include "trust/login_throttle.hpp"
#include "trust/tokens.hpp"

namespace signalbox::session {

/// Takes a request through the gate to whoever serves it, and its answer to the reserved place.
class Router {
 public:
  Router(const Context& context, Sessions& sessions, FramePool& frames, Publisher& publisher,
         TelemetryGate& telemetry_gate, ControlGate& control_gate, People& people, Parking& parking,
         TokenDesk& token_desk, const trust::Tokens& tokens, trust::LoginThrottle& logins, LifeCounts& life,
         Deadlines& deadlines)
      : context_{context},
        sessions_{sessions},
        frames_{frames},
        publisher_{publisher},
        telemetry_gate_{telemetry_gate},
        control_gate_{control_gate},
        people_{people},
        parking_{parking},
        token_desk_{token_desk},
        tokens_{tokens},
        logins_{logins},
        life_{life},
        deadlines_{deadlines} {}

  /// Serves one whole message. The session must have a free answer place.
  void route(Session& session, std::string_view message, Instant now);
  /// Answers a message that could not even be read.
  void refuse(Session& session, const Error& error);
  /// Who that is by the token, looked at no faster than failures allow, or else by the certificate. Errors:
  /// `unauthenticated`, `busy`, `offline`.
  Result<Principal> log_in(const Caller& caller, Instant now);
  /// The same by a ticket: a wrong one counts as a wrong token does. `caller` shows none.
  Result<Principal> redeem(const Caller& caller, std::string_view ticket, Instant now);
  /// The same for a `stop`: it does not wait, whatever failed before.
  Result<Principal> identify(const Caller& caller, Instant now);
  /// As `Door::claim`. Wrong codes make those wait who cannot be told apart from whoever shows them, and
  /// nobody else: a stranger could keep the device from being claimed. 60 bits need no more.
  Result<void> claim(ConnectionId connection, const Caller& caller, std::string_view body, Instant now);
  /// Requests that were answered `busy` since their session asked too fast.
  std::uint64_t too_fast() const { return too_fast_; }
  /// Pings that were answered: nothing but the answer comes of them.
  std::uint64_t echoes() const { return echoes_; }

 private:
  void serve(const Exchange& exchange, const protocol::Authenticate& authenticate);
  void serve(const Exchange& exchange, const protocol::Ping& ping);
  void serve(const Exchange& exchange, const protocol::Describe& describe);
  void serve(const Exchange& exchange, const protocol::Resume& resume);
  void serve(const Exchange& exchange, const protocol::ReadJournal& asked);
  void serve(const Exchange& exchange, const protocol::Acknowledge& asked);
  void serve(const Exchange& exchange, const protocol::FollowLog& asked);
  void serve(const Exchange& exchange, const protocol::Subscribe& asked) {
    telemetry_gate_.serve(exchange, asked);
  }
  void serve(const Exchange& exchange, const protocol::Unsubscribe& asked) {
    telemetry_gate_.serve(exchange, asked);
  }
  void serve(const Exchange& exchange, const protocol::AskHistory& asked) {
    telemetry_gate_.serve(exchange, asked);
  }
  void serve(const Exchange& exchange, const protocol::Announce& asked) { people_.serve(exchange, asked); }
  void serve(const Exchange& exchange, const protocol::Join& asked) { people_.serve(exchange, asked); }
  void serve(const Exchange& exchange, const protocol::Leave& asked) { people_.serve(exchange, asked); }
  void serve(const Exchange& exchange, const protocol::AskPresence& asked) { people_.serve(exchange, asked); }
  template <typename Request>
  requires requires(TokenDesk& desk, const Exchange& exchange, const Request& request) {
    desk.serve(exchange, request);
  }
  void serve(const Exchange& exchange, const Request& request) { token_desk_.serve(exchange, request); }
  /// Everything else is asked of outputs.
  template <typename Request>
  void serve(const Exchange& exchange, const Request& request) {
    control_gate_.serve(exchange, request);
  }

  void count_failure(const Caller& caller, Instant now);
  std::optional<Parked> take_over(const Session& session, Handle earlier);
  void echo(const Exchange& exchange, const protocol::Pong& pong);

  const Context& context_;
  Sessions& sessions_;
  FramePool& frames_;
  Publisher& publisher_;
  TelemetryGate& telemetry_gate_;
  ControlGate& control_gate_;
  People& people_;
  Parking& parking_;
  TokenDesk& token_desk_;
  const trust::Tokens& tokens_;
  trust::LoginThrottle& logins_;
  LifeCounts& life_;
  Deadlines& deadlines_;
  std::uint64_t too_fast_ = 0;
  std::uint64_t echoes_ = 0;
  Instant note_slowed_at_{};  ///< not before
};

}  // namespace signalbox::session
