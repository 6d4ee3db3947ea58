#include "session/login.hpp"

#include "base/log.hpp"

namespace signalbox::session {
namespace {

/// Wrong tokens before the session is closed.
constexpr std::uint32_t kLoginsMax = 3;

/// A stranger is not to fill the journal, and so push out what happened before.
constexpr Duration kSlowedNotedEvery = from_ms(600'000);

}  // namespace

void Login::serve(const Exchange& exchange, const protocol::Authenticate& authenticate) {
  Session& session = exchange.session;
  const Caller caller{.peer = session.peer, .network = session.network, .bearer = authenticate.token};
  const Result<Principal> principal = log_in(caller, exchange.now);
  if (!principal) {
    exchange.fail(principal.error());
    if (principal.error().reason != Reason::unauthenticated) return;
    if (++session.failed_logins >= kLoginsMax) session.end_with({1008, "too many wrong tokens"});
    return;
  }
  const bool arrives = session.who() == nullptr;
  // What it holds and hears was given to these rights.
  if (!arrives && !session.who()->is_like(*principal))
    return exchange.fail({Reason::forbidden,
                          "the token of somebody else, or of other rights; it needs a connection of its own",
                          "payload.token"});
  if (session.phase == Phase::welcome) {
    life_.step(session.phase, Phase::authenticated);
    session.phase = Phase::authenticated;
    session.since = exchange.now;
  }
  session.let_in(*principal, exchange.now, context_.clock.label(exchange.now));
  if (arrives) people_.arrived(session, exchange.now);
  protocol::Ack authenticated{protocol::Ack::Outcome::authenticated};
  authenticated.session_token = tokens_.of_session(session_name(session, context_.epoch));
  exchange.answer(authenticated);
}

Result<Principal> Login::log_in(const Caller& caller, Instant now) {
  if (!caller.bearer.empty()) {
    const Result<void> allowed = throttle_.allow(caller.network, tokens_.account_of(caller.bearer), now);
    if (!allowed) return allowed.error();
  }
  return identify(caller, now);
}

Result<Principal> Login::redeem(const Caller& caller, std::string_view ticket, Instant now) {
  const Result<void> allowed = throttle_.allow(caller.network, {}, now);
  if (!allowed) return allowed.error();
  const Result<Principal> who = tokens_.redeem(ticket, now);
  if (!who) count_failure(caller, now);
  return who;
}

Result<Principal> Login::identify(const Caller& caller, Instant now) {
  if (caller.bearer.empty()) {
    if (caller.certified != nullptr) return *caller.certified;
    return Error{Reason::unauthenticated, "no token was shown; expected 'Authorization: Bearer <token>'"};
  }
  const Result<Principal> who = tokens_.check(caller.bearer, context_.here(now));
  if (who)
    throttle_.succeeded(caller.network, who->name);
  else if (who.error().reason == Reason::unauthenticated)
    count_failure(caller, now);
  return who;
}

void Login::count_failure(const Caller& caller, Instant now) {
  using Slowed = trust::LoginThrottle::Slowed;
  const FixedText<31> account = tokens_.account_of(caller.bearer);
  const Slowed slowed = throttle_.failed(caller.network, account, now);
  if (slowed == Slowed::nobody) return;
  const FixedText<45> peer{caller.peer};
  if (slowed == Slowed::network)
    log(Severity::warning, "too many wrong tokens from %s: its logins are slowed", peer.c_str());
  else
    log(Severity::warning, "too many wrong tokens for '%s', the last from %s: its logins are slowed",
        account.c_str(), peer.c_str());
  protocol::Event event{.at = now, .name = "loginsSlowed", .severity = Severity::warning};
  context_.news.add(event);
  if (now < note_slowed_at_) return;
  note_slowed_at_ = now + kSlowedNotedEvery;
  context_.note({.kind = journal::Record::Kind::logins_slowed,
                 .peer = peer,
                 .detail = slowed == Slowed::account ? format_text<95>("of account %s", account.c_str())
                                                     : FixedText<95>{"of that address"}},
                now);
}

Result<void> Login::claim(ConnectionId connection, const Caller& caller, std::string_view body, Instant now) {
  const Result<void> allowed = throttle_.allow(caller.network, {}, now);
  if (!allowed) return allowed.error();
  const Result<void> claimed = token_desk_.claim(connection, caller, body, now);
  if (!claimed && claimed.error().reason == Reason::forbidden) throttle_.failed(caller.network, {}, now);
  return claimed;
}

}  // namespace signalbox::session
