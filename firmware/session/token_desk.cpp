#include "session/token_desk.hpp"

#include <utility>

#include "base/log.hpp"
#include "protocol/json_check.hpp"
#include "protocol/json_reader.hpp"
#include "protocol/json_writer.hpp"

namespace signalbox::session {
namespace {

using protocol::Ack;
using Kind = journal::Record::Kind;

constexpr std::size_t kCodeBytesMax = 31;
constexpr std::string_view kClaimant = "owner";
const Error kTooMany{Reason::overloaded, "too many changes of tokens wait to be saved", {}, 1000};
const Error kTooLong{Reason::too_big, "the token does not fit an answer"};

}  // namespace

void TokenDesk::serve(const Exchange& exchange, const protocol::AskWhoAmI&) {
  exchange.answer(protocol::WhoAmI{});
}

void TokenDesk::serve(const Exchange& exchange, const protocol::AskTokens& asked) {
  exchange.answer(protocol::TokenPage{this, asked.after});
}

void TokenDesk::serve(const Exchange& exchange, const protocol::RevokeToken& asked) {
  static_assert(decltype(Revocation::id)::capacity >= decltype(Principal::credential)::capacity);  // uncut
  take(exchange, Revocation{asked.id});
}

/// Who is in by an issuer's token of that id.
const Principal* TokenDesk::find_foreign(std::string_view id) {
  const Principal* found = nullptr;
  sessions_.each([&](Handle, Session& session) {
    const Principal* who = session.who();
    if (who != nullptr && who->credential.view() == id && !who->key.empty() && who->key != tokens_.key_id())
      found = who;
  });
  return found;
}

void TokenDesk::serve(const Exchange& exchange, const protocol::AskTicket&) {
  const auto ticket = tokens_.make_ticket(*exchange.session.who(), exchange.now);
  if (!ticket) return exchange.fail(ticket.error());
  exchange.answer(protocol::TicketMade{*ticket, static_cast<std::uint32_t>(to_ms(trust::Tickets::kValid))});
}

Result<void> TokenDesk::claim(ConnectionId connection, const Caller& caller, std::string_view body,
                              Instant now) {
  const Result<JsonDocument> document = protocol::parse_json(body);
  if (!document) return document.error();
  const protocol::JsonReader reader{document->top(), ""};
  const Result<std::string_view> code = reader.text("code", kCodeBytesMax);
  if (!code) return code.error();
  const auto name = reader.optional_text("name", decltype(Principal::name)::capacity);
  if (!name) return name.error();
  const FixedText<45> from{caller.peer};
  const Result<void> right = tokens_.check_claim(*code);
  if (!right) {
    if (right.error().reason == Reason::forbidden) {
      log(Severity::warning, "a wrong claim code from %s", from.c_str());
      tell("claimRefused", Severity::warning, {}, {}, now);
    }
    return right;
  }
  if (changes_.full()) return kTooMany;
  add({.wish = Claim{connection, *code, name->value_or(kClaimant)}, .peer = from}, now);
  return {};
}

/// One of a session may wait: who asks for answers and takes none must not use up everybody's frames.
void TokenDesk::take(const Exchange& exchange, const Wish& wish) {
  const Session& session = exchange.session;
  for (std::size_t i = 0; i < changes_.size(); ++i)
    if (changes_[i].waiter.session == session.handle && changes_[i].stage != Change::Stage::over)
      return exchange.fail({Reason::busy, "the last change of tokens was not answered yet", {}, 100});
  if (changes_.full()) return exchange.fail(kTooMany);
  add({.wish = wish,
       .waiter = {session.handle, exchange.place},
       .by = session.who()->name,
       .session = session.id,
       .peer = session.peer,
       .trace_id = exchange.header.trace_id,
       .who = *session.who()},
      exchange.now);
}

void TokenDesk::add(const Change& change, Instant now) {
  Change asked = change;
  if (!tokens_.is_saving()) carry_out(asked, now);
  if (asked.stage != Change::Stage::over) changes_.push(asked);
}

void TokenDesk::carry_out_all(Instant now) {
  for (std::size_t i = 0; i < changes_.size(); ++i)
    if (changes_[i].stage == Change::Stage::asked) carry_out(changes_[i], now);
  drop_over();
}

void TokenDesk::drop_over() {
  while (!changes_.empty() && changes_.front().stage == Change::Stage::over) changes_.pop();
}

void TokenDesk::carry_out(Change& change, Instant now) {
  Session* session = sessions_.find(change.waiter.session);
  const bool is_of_session = change.waiter.session.operator bool();
  change.is_answered = is_of_session && session == nullptr;  // nobody is there to be told
  if (change.is_answered && !std::holds_alternative<Revocation>(change.wish)) {
    change.stage = Change::Stage::over;  // nor would anybody have the token
    return;
  }
  std::optional<Exchange> exchange;
  std::optional<PromptAnswer> prompt;
  if (session != nullptr) {
    change.who = *session->who();
    exchange.emplace(
        Exchange{*session, change.waiter.place, session->outbox.header(change.waiter.place), now});
    prompt.emplace(context_, frames_, *exchange);
    if (!prompt->has_room()) {
      wire_->want_write(session->connection);
      change.stage = Change::Stage::over;
      return;
    }
  }
  // It may still be undone, but nothing is to come of it meanwhile.
  if (is_of_session && tokens_.is_revoked(change.who))
    return fail(change, {Reason::busy, "your own token is just being revoked or replaced", {}, 100});
  const Result<void> made = std::visit(
      [&](const auto& wish) { return make(change, wish, prompt ? &*prompt : nullptr, now); }, change.wish);
  if (!made) return fail(change, made.error());
  change.stage = Change::Stage::made;
}

Result<void> TokenDesk::make(Change& change, const protocol::IssueToken& asked, PromptAnswer* prompt,
                             Instant now) {
  const auto issued =
      tokens_.issue(change.who, asked.name, asked.scope, asked.lifetime_s, context_.here(now));
  if (!issued) return issued.error();
  const Principal& to = issued->principal;
  change.detail = format_text<95>("%s to %s: %s", to.credential.c_str(), to.name.c_str(),
                                  FixedText<Scope::kBytesMax>{to.scope.text()}.c_str());
  write(change, prompt, protocol::TokenMade{&to, issued->token});
  return {};
}

Result<void> TokenDesk::make(Change& change, const protocol::RefreshToken&, PromptAnswer* prompt,
                             Instant now) {
  const auto issued = tokens_.refresh(change.who, context_.here(now), now);
  if (!issued) return issued.error();
  change.who = issued->principal;
  change.lets_in = true;
  write(change, prompt, protocol::TokenMade{&issued->principal, issued->token});
  return {};
}

Result<void> TokenDesk::make(Change& change, const Revocation& asked, PromptAnswer* prompt, Instant now) {
  const auto revoked = tokens_.revoke(asked.id, change.who, context_.here(now), find_foreign(asked.id));
  if (!revoked) return revoked.error();
  change.detail = asked.id.view();
  protocol::Ack ack{Ack::Outcome::revoked};
  if (*revoked) {
    change.who = (*revoked)->principal;
    change.lets_in = true;
    ack.token = (*revoked)->token;
  }
  write(change, prompt, ack);
  return {};
}

Result<void> TokenDesk::make(Change& change, const Claim& asked, PromptAnswer*, Instant now) {
  const FrameId frame = frames_.take();
  if (frame == kNoFrame) return Error{Reason::overloaded, "no memory for a token now", {}, 1000};
  const auto issued = tokens_.claim(asked.code, asked.name, context_.here(now));
  if (!issued) {
    frames_.let_go(frame);
    return issued.error();
  }
  change.by = issued->principal.name;
  change.detail = issued->principal.credential.view();
  protocol::JsonWriter writer{frames_.memory(frame)};
  write_payload(writer, protocol::TokenMade{&issued->principal, issued->token});
  frames_.set_size(frame, writer.written().size());
  change.answer = frame;
  return {};
}

void TokenDesk::write(Change& change, PromptAnswer* prompt, const protocol::Told& told) {
  if (prompt == nullptr) return;
  change.answer = prompt->write(told, kTooLong);
  change.is_answered = change.answer == kNoFrame;
}

Instant TokenDesk::step(Instant now) {
  if (const auto ended = tokens_.step(now)) settle(*ended, now);
  if (!tokens_.is_saving()) {
    carry_out_all(now);
    if (tokens_.is_changed()) tokens_.save(now);
  }
  return tokens_.next();
}

void TokenDesk::settle(const Result<void>& ended, Instant now) {
  bool dismisses = false;
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    Change& change = changes_[i];
    if (change.stage != Change::Stage::made) continue;
    if (!ended) {
      fail(change, ended.error());
      continue;
    }
    saved(change, now);
    // A claim may have taken somebody's place.
    dismisses |=
        std::holds_alternative<Revocation>(change.wish) || std::holds_alternative<Claim>(change.wish);
  }
  drop_over();
  if (dismisses) dismiss_revoked(now);
}

void TokenDesk::saved(Change& change, Instant now) {
  Session* session = sessions_.find(change.waiter.session);
  if (session != nullptr && change.lets_in) {
    session->let_in(change.who, now, context_.clock.label(now));
    deadlines_.at_once(session->handle.index);
  }
  answer(change);
  change.stage = Change::Stage::over;
  if (std::holds_alternative<protocol::IssueToken>(change.wish)) {
    tell("tokenIssued", Severity::info, change.by, change.session, now);
    note(Kind::token_issued, change, now);
  } else if (std::holds_alternative<Revocation>(change.wish)) {
    tell("tokenRevoked", Severity::warning, change.by, change.session, now);
    note(Kind::token_revoked, change, now);
  } else if (std::holds_alternative<Claim>(change.wish)) {
    tell("claimed", Severity::warning, change.by, {}, now);
    note(Kind::claimed, change, now);
  }
}

/// Gives the answer that waits, to whoever is still there.
void TokenDesk::answer(Change& change) {
  const FrameId frame = std::exchange(change.answer, kNoFrame);
  if (frame == kNoFrame) return;
  Session* session = sessions_.find(change.waiter.session);
  if (session != nullptr) {
    session->outbox.finish_rendered(change.waiter.place, frame);
    deadlines_.at_once(session->handle.index);  // it asks to write
    return;
  }
  if (const Claim* claim = std::get_if<Claim>(&change.wish))
    wire_->claimed(claim->connection, frames_.text(frame));
  frames_.let_go(frame);
}

void TokenDesk::fail(Change& change, const Error& error) {
  change.stage = Change::Stage::over;
  if (change.answer != kNoFrame) frames_.let_go(std::exchange(change.answer, kNoFrame));
  if (change.is_answered) return;
  if (const Claim* claim = std::get_if<Claim>(&change.wish)) return wire_->claimed(claim->connection, error);
  Session* session = sessions_.find(change.waiter.session);
  if (session == nullptr) return;
  session->outbox.finish(change.waiter.place, protocol::Failure{error});
  deadlines_.at_once(session->handle.index);
}

std::size_t TokenDesk::frames_held() const {
  std::size_t held = 0;
  for (std::size_t i = 0; i < changes_.size(); ++i) held += changes_[i].answer != kNoFrame ? 1 : 0;
  return held;
}

void TokenDesk::dismiss(Session& session, std::string_view why, Instant now) {
  returns_.give_up(session, now);
  if (session.ending == Ending::none) session.end_with({1008, why});
  // What they asked for and is not yet begun gives them nothing either.
  for (std::size_t i = 0; i < changes_.size(); ++i)
    if (changes_[i].waiter.session == session.handle && changes_[i].stage == Change::Stage::asked)
      fail(changes_[i], {Reason::unauthenticated, why});
  deadlines_.at_once(session.handle.index);
}

/// All of these, with what they left behind.
template <typename IsVoid>
void TokenDesk::dismiss_if(IsVoid&& is_void, std::string_view why, Instant now) {
  sessions_.each([&](Handle, Session& session) {
    if (session.who() != nullptr && is_void(*session.who())) dismiss(session, why, now);
  });
  returns_.give_up_kept_if(is_void, now);
}

void TokenDesk::dismiss_revoked(Instant now) {
  dismiss_if([this](const Principal& who) { return tokens_.is_revoked(who); }, "the token was revoked", now);
}

void TokenDesk::dismiss_certified(std::string_view certificate, Instant now) {
  tokens_.forget_tickets_of(certificate);
  dismiss_if([certificate](const Principal& who) { return who.certificate.view() == certificate; },
             "the certificate was revoked", now);
}

std::optional<protocol::ListedToken> TokenDesk::do_from(std::uint32_t place) const {
  constexpr std::string_view kKinds[]{"token", "foreignToken", "foreignKey"};
  const auto grants = tokens_.grants();
  if (place >= grants.size()) return std::nullopt;
  const trust::Grant& grant = grants[place];
  return protocol::ListedToken{.place = place,
                               .kind = kKinds[static_cast<std::size_t>(grant.kind)],
                               .id = grant.id,
                               .name = grant.name,
                               .scope = grant.scope.text(),
                               .issued_s = grant.issued_s,
                               .expires_s = grant.expires_s,
                               .revoked = grant.revoked};
}

void TokenDesk::note(journal::Record::Kind kind, const Change& change, Instant now) const {
  context_.note({.kind = kind,
                 .who = change.by,
                 .session = change.session,
                 .peer = change.peer,
                 .trace_id = change.trace_id,
                 .detail = change.detail},
                now);
}

void TokenDesk::tell(std::string_view name, Severity severity, std::string_view by, std::string_view session,
                     Instant now) {
  protocol::Event event{.at = now, .name = name, .severity = severity};
  event.by = by;
  event.session = session;
  context_.news.add(event);
}

}  // namespace signalbox::session
