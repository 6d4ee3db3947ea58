#include "session/token_desk.hpp"

#include <utility>

#include "base/log.hpp"
#include "protocol/json_reader.hpp"
#include "protocol/json_tree.hpp"
#include "protocol/json_writer.hpp"
#include "session/prompt_answer.hpp"

namespace signalbox::session {
namespace {

using protocol::Ack;
using Kind = journal::Record::Kind;

constexpr std::size_t kCodeBytesMax = 31;
constexpr std::string_view kClaimant = "owner";
const Error kTooLong{Reason::too_big, "the token does not fit an answer"};

}  // namespace

void TokenDesk::serve(const Exchange& exchange, const protocol::AskWhoAmI&) {
  exchange.answer(protocol::WhoAmI{});
}

void TokenDesk::serve(const Exchange& exchange, const protocol::IssueToken& asked) {
  PromptAnswer prompt{context_, frames_, exchange};
  if (!prompt.has_room()) return;
  const Principal& by = *exchange.session.who();
  const auto issued = tokens_.issue(by, asked.name, asked.scope, asked.lifetime_s, here(exchange.now));
  if (!issued) return exchange.fail(issued.error());
  prompt.give(protocol::TokenMade{&issued->principal, issued->token}, kTooLong);
  tell("tokenIssued", Severity::info, by, exchange.session.id, exchange.now);
  const Principal& to = issued->principal;
  note(Kind::token_issued, exchange, by,
       format_text<95>("%s to %s: %s", to.credential.c_str(), to.name.c_str(),
                       FixedText<Scope::kBytesMax>{to.scope.text()}.c_str()));
}

void TokenDesk::serve(const Exchange& exchange, const protocol::RefreshToken&) {
  PromptAnswer prompt{context_, frames_, exchange};
  if (!prompt.has_room()) return;
  const auto issued = tokens_.refresh(*exchange.session.who(), here(exchange.now), exchange.now);
  if (!issued) return exchange.fail(issued.error());
  exchange.session.let_in(issued->principal, exchange.now, here(exchange.now).now);
  prompt.give(protocol::TokenMade{&issued->principal, issued->token}, kTooLong);
}

void TokenDesk::serve(const Exchange& exchange, const protocol::AskTokens& asked) {
  exchange.answer(protocol::TokenPage{this, asked.after});
}

void TokenDesk::serve(const Exchange& exchange, const protocol::RevokeToken& asked) {
  PromptAnswer prompt{context_, frames_, exchange};
  if (!prompt.has_room()) return;
  Session& session = exchange.session;
  const Principal by = *session.who();
  const auto revoked = tokens_.revoke(asked.id, by, here(exchange.now), find_foreign(asked.id));
  if (!revoked) return exchange.fail(revoked.error());
  protocol::Ack ack{Ack::Outcome::revoked};
  if (*revoked) {
    session.let_in((*revoked)->principal, exchange.now, here(exchange.now).now);
    ack.token = (*revoked)->token;
  }
  prompt.give(ack, kTooLong);
  tell("tokenRevoked", Severity::warning, by, session.id, exchange.now);
  note(Kind::token_revoked, exchange, by, asked.id);
  dismiss_revoked(exchange.now);
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

Result<std::string_view> TokenDesk::claim(const Caller& caller, std::string_view body, Instant now) {
  const Result<protocol::Tree> tree = protocol::parse_json(body, {});
  if (!tree) return tree.error();
  const protocol::JsonReader reader{tree->get(), ""};
  const Result<std::string_view> code = reader.text("code", kCodeBytesMax);
  if (!code) return code.error();
  const auto name = reader.optional_text("name", decltype(Principal::name)::capacity);
  if (!name) return name.error();
  const FrameId frame = frames_.take();
  if (frame == kNoFrame) return Error{Reason::overloaded, "no memory for a token now", {}, 1000};
  protocol::JsonWriter writer{frames_.memory(frame)};
  frames_.let_go(frame);  // nobody writes there before the door is called again
  const auto issued = tokens_.claim(*code, name->value_or(kClaimant), here(now));
  const FixedText<45> from{caller.peer};
  if (!issued) {
    if (issued.error().reason == Reason::forbidden) {
      log(Severity::warning, "a wrong claim code from %s", from.c_str());
      tell("claimRefused", Severity::warning, Principal{}, {}, now);
    }
    return issued.error();
  }
  log(Severity::info, "claimed by %s as %s", from.c_str(), issued->principal.name.c_str());
  tell("claimed", Severity::warning, issued->principal, {}, now);
  context_.note({.kind = Kind::claimed,
                 .who = issued->principal.name,
                 .peer = from,
                 .detail = issued->principal.credential},
                now);
  dismiss_revoked(now);  // a token may have given way
  write_payload(writer, protocol::TokenMade{&issued->principal, issued->token});
  return writer.written();
}

void TokenDesk::dismiss(Session& session, std::string_view why, Instant now) {
  if (session.holder != control::kNobody) controller_.dismiss(session.holder, now);
  session.holder = control::kNobody;
  people_.release(std::exchange(session.groups, 0));
  if (!session.closing) session.closing = Closing{1008, why};
  dismissed_ = true;
}

/// All of these, with what they left behind.
template <typename IsVoid>
void TokenDesk::dismiss_if(IsVoid&& is_void, std::string_view why, Instant now) {
  sessions_.each([&](Handle, Session& session) {
    if (session.who() != nullptr && is_void(*session.who())) dismiss(session, why, now);
  });
  parking_.drop_if(
      [&](const Parked& parked) {
        Principal who{{}, {}, parked.credential, parked.key};
        who.certificate = parked.certificate;
        return is_void(who);
      },
      [&](const Parked& gone) {
        controller_.dismiss(gone.holder, now);
        people_.release(gone.groups);
      });
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

void TokenDesk::note(journal::Record::Kind kind, const Exchange& exchange, const Principal& by,
                     const FixedText<95>& detail) const {
  context_.note({.kind = kind,
                 .who = by.name,
                 .session = exchange.session.id,
                 .peer = exchange.session.peer,
                 .trace_id = exchange.header.trace_id,
                 .detail = detail},
                exchange.now);
}

void TokenDesk::tell(std::string_view name, Severity severity, const Principal& by, std::string_view session,
                     Instant now) {
  protocol::Event event{.at = now, .name = name, .severity = severity};
  event.by = by.name;
  event.session = session;
  context_.news.add(event);
}

}  // namespace signalbox::session
