#pragma once

#include <string_view>

#include "base/instant.hpp"
#include "session/context.hpp"
#include "session/control_gate.hpp"
#include "session/door.hpp"
#include "session/exchange.hpp"
#include "session/login.hpp"
#include "session/people.hpp"
#include "session/returns.hpp"
#include "session/session.hpp"
#include "session/telemetry_gate.hpp"
#include "session/token_desk.hpp"

namespace signalbox::session {

/// Takes each request to whoever serves it, if its sender may ask for it. The answer goes to the place that
/// was reserved for it.
class Router {
 public:
  Router(const Context& context, FramePool& frames, TelemetryGate& telemetry_gate, ControlGate& control_gate,
         People& people, TokenDesk& token_desk, Login& login, Returns& returns)
      : context_{context},
        frames_{frames},
        telemetry_gate_{telemetry_gate},
        control_gate_{control_gate},
        people_{people},
        token_desk_{token_desk},
        login_{login},
        returns_{returns} {}

  /// Serves one whole message. The session must have a free answer place.
  void route(Session& session, std::string_view message, Instant now);
  /// Answers a message that could not even be read.
  void refuse(Session& session, const Error& error);
  /// Requests that were answered `busy` since their session asked too fast.
  std::uint64_t too_fast() const { return too_fast_; }
  /// Pings that were answered: nothing but the answer comes of them.
  std::uint64_t echoes() const { return echoes_; }

 private:
  void serve(const Exchange& exchange, const protocol::Authenticate& asked) { login_.serve(exchange, asked); }
  void serve(const Exchange& exchange, const protocol::Ping& ping);
  void serve(const Exchange& exchange, const protocol::Describe& describe);
  void serve(const Exchange& exchange, const protocol::Resume& asked) { returns_.serve(exchange, asked); }
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

  void echo(const Exchange& exchange, const protocol::Pong& pong);

  const Context& context_;
  FramePool& frames_;
  TelemetryGate& telemetry_gate_;
  ControlGate& control_gate_;
  People& people_;
  TokenDesk& token_desk_;
  Login& login_;
  Returns& returns_;
  std::uint64_t too_fast_ = 0;
  std::uint64_t echoes_ = 0;
};

}  // namespace signalbox::session
