#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "control/controller.hpp"
#include "protocol/messages/tokens.hpp"
#include "session/context.hpp"
#include "session/door.hpp"
#include "session/exchange.hpp"
#include "session/frame_pool.hpp"
#include "session/parking.hpp"
#include "session/people.hpp"
#include "trust/tokens.hpp"

namespace signalbox::session {

/// Where tokens are given out and taken back, and what becomes of those who showed one that is worth nothing
/// any more.
class TokenDesk final : public protocol::TokenList {
 public:
  TokenDesk(const Context& context, Sessions& sessions, FramePool& frames, control::Controller& controller,
            People& people, Parking& parking, trust::Tokens& tokens)
      : context_{context},
        sessions_{sessions},
        frames_{frames},
        controller_{controller},
        people_{people},
        parking_{parking},
        tokens_{tokens} {}

  void serve(const Exchange& exchange, const protocol::AskWhoAmI& asked);
  void serve(const Exchange& exchange, const protocol::IssueToken& asked);
  void serve(const Exchange& exchange, const protocol::RefreshToken& asked);
  void serve(const Exchange& exchange, const protocol::AskTokens& asked);
  void serve(const Exchange& exchange, const protocol::RevokeToken& asked);
  void serve(const Exchange& exchange, const protocol::AskTicket& asked);

  /// Whose token this is, held against this device and this moment.
  Result<Principal> check(std::string_view token, Instant now) { return tokens_.check(token, here(now)); }
  FixedText<31> account_of(std::string_view token) const { return tokens_.account_of(token); }
  Result<Principal> redeem(std::string_view ticket, Instant now) { return tokens_.redeem(ticket, now); }
  /// Turns `{"code":…,"name":…}` into `{"token":…}` in a frame that is free again at once. Errors as
  /// `Door::claim` has them.
  Result<std::string_view> claim(const Caller& caller, std::string_view body, Instant now);

  /// Closes a session whose credential is worth nothing any more, and makes safe what it held: nobody returns
  /// to it.
  void dismiss(Session& session, std::string_view why, Instant now);
  /// The same for whoever that certificate let in, be they away; their tickets open nothing.
  void dismiss_certified(std::string_view certificate, Instant now);
  /// Whether somebody was dismissed since the last time, so that sessions are to be closed now.
  bool take_dismissed() { return std::exchange(dismissed_, false); }

 private:
  std::optional<protocol::ListedToken> do_from(std::uint32_t place) const override;
  std::string_view do_key() const override { return tokens_.key_id(); }

  trust::Here here(Instant now) const { return {context_.roster.id, context_.clock.label(now)}; }
  const Principal* find_foreign(std::string_view id);
  template <typename IsVoid>
  void dismiss_if(IsVoid&& is_void, std::string_view why, Instant now);
  void dismiss_revoked(Instant now);
  void note(journal::Record::Kind kind, const Exchange& exchange, const Principal& by,
            const FixedText<95>& detail) const;
  void tell(std::string_view name, Severity severity, const Principal& by, std::string_view session,
            Instant now);

  const Context& context_;
  Sessions& sessions_;
  FramePool& frames_;
  control::Controller& controller_;
  People& people_;
  Parking& parking_;
  trust::Tokens& tokens_;
  bool dismissed_ = false;
};

}  // namespace signalbox::session
