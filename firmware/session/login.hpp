#pragma once

#include <string_view>

#include "base/instant.hpp"
#include "base/principal.hpp"
#include "base/result.hpp"
#include "protocol/messages/authenticate.hpp"
#include "session/context.hpp"
#include "session/door.hpp"
#include "session/exchange.hpp"
#include "session/life.hpp"
#include "session/people.hpp"
#include "session/token_desk.hpp"
#include "trust/login_throttle.hpp"
#include "trust/tokens.hpp"

namespace signalbox::session {

/// Who is let in: holds the credential that was shown against the tokens. Whoever shows wrong ones has to
/// wait for the next try.
class Login {
 public:
  Login(const Context& context, People& people, TokenDesk& token_desk, trust::Tokens& tokens,
        LifeCounts& life, const trust::LoginThrottle::Memory& throttle)
      : context_{context},
        people_{people},
        token_desk_{token_desk},
        tokens_{tokens},
        life_{life},
        throttle_{throttle, context.limits.failed_logins} {}

  /// Lets the session in.
  void serve(const Exchange& exchange, const protocol::Authenticate& authenticate);

  /// Who that is by the token, looked at no faster than failures allow, or else by the certificate. Errors:
  /// `unauthenticated`, `busy`, `offline`.
  Result<Principal> log_in(const Caller& caller, Instant now);
  /// The same by a ticket: a wrong one counts as a wrong token does. `caller` shows none.
  Result<Principal> redeem(const Caller& caller, std::string_view ticket, Instant now);
  /// As `log_in`, for a `stop`: it does not wait, whatever failed before.
  Result<Principal> identify(const Caller& caller, Instant now);
  /// As `Door::claim`. Wrong codes make those wait who cannot be told apart from whoever shows them, and
  /// nobody else: a stranger could keep the device from being claimed. 60 bits need no more.
  Result<void> claim(ConnectionId connection, const Caller& caller, std::string_view body, Instant now);

  const trust::LoginThrottle& throttle() const { return throttle_; }

 private:
  void count_failure(const Caller& caller, Instant now);

  const Context& context_;
  People& people_;
  TokenDesk& token_desk_;
  trust::Tokens& tokens_;
  LifeCounts& life_;
  trust::LoginThrottle throttle_;
  Instant note_slowed_at_{};  ///< not before
};

}  // namespace signalbox::session
