#include "session/router.hpp"

#include <charconv>
#include <cinttypes>

#include "base/log.hpp"
#include "session/gate.hpp"
#include "session/prompt_answer.hpp"
#include "session/request_rates.hpp"

namespace signalbox::session {
namespace {

/// Wrong tokens before the session is closed.
constexpr std::uint32_t kLoginsMax = 3;

/// A stranger is not to fill the journal, and so push out what happened before.
constexpr Duration kSlowedNotedEvery = from_ms(600'000);

constexpr Error kEchoTooLong{Reason::too_big, "data does not fit an answer once escaped", "payload.data"};

/// What is served however fast it is asked: nobody is to wait for a stop.
template <typename Request>
constexpr bool kNeverLimited = std::is_same_v<Request, protocol::Stop>;

/// What it takes to be told what is wrong with a request: as much as for the request itself.
Clearance clearance_of(const protocol::Decoded& decoded) {
  if (!decoded.type.empty()) return clearance_for(decoded.type);
  const bool names_another = decoded.request.error().reason == Reason::unknown_type;
  return names_another ? Clearance::credential : Clearance::nothing;
}

/// The session of that id, `index-generation`; its token has proven that we gave it out.
Handle handle_of(std::string_view id) {
  Handle handle;
  const char* end = id.data() + id.size();
  const auto index = std::from_chars(id.data(), end, handle.index);
  if (index.ptr != end) std::from_chars(index.ptr + 1, end, handle.generation);
  return handle;
}

}  // namespace

void Router::route(Session& session, std::string_view message, Instant now) {
  const protocol::Decoded decoded = session.dialect->decode(message);
  const std::optional<std::uint32_t> place = session.outbox.reserve(decoded.header);
  SIGNALBOX_CHECK(place.has_value());
  const Exchange exchange{session, *place, decoded.header, now};
  const Rate rate{context_.limits.requests_per_s, context_.limits.requests_per_s};
  const Duration early = session.requests.take(rate, now);
  const auto refuse_early = [&] {
    ++too_fast_;
    exchange.fail(session::too_fast(rate, early));
  };
  if (!decoded.request) {
    if (early > Duration{}) return refuse_early();
    const Result<void> permitted = permit(clearance_of(decoded), session.who(), context_.clock.label(now));
    return exchange.fail(permitted ? decoded.request.error() : permitted.error());
  }
  std::visit(
      [&]<typename Request>(const Request& request) {
        constexpr Clearance clearance = clearance_for(Request::type);
        static_assert(clearance != Clearance::never, "session/gate says what each message takes");
        if (!kNeverLimited<Request> && early > Duration{}) return refuse_early();
        const Result<void> permitted = permit(clearance, session.who(), context_.clock.label(now));
        if (permitted)
          serve(exchange, request);
        else
          exchange.fail(permitted.error());
      },
      *decoded.request);
}

void Router::refuse(Session& session, const Error& error) {
  protocol::ReplyHeader header;
  header.id = protocol::ReplyHeader::Id::unknown;
  const std::optional<std::uint32_t> place = session.outbox.reserve(header);
  SIGNALBOX_CHECK(place.has_value());
  session.outbox.finish(*place, protocol::Failure{error});
}

Result<Principal> Router::log_in(const Caller& caller, Instant now) {
  if (!caller.bearer.empty()) {
    const Result<void> allowed = logins_.allow(caller.network, token_desk_.account_of(caller.bearer), now);
    if (!allowed) return allowed.error();
  }
  return identify(caller, now);
}

Result<Principal> Router::redeem(const Caller& caller, std::string_view ticket, Instant now) {
  const Result<void> allowed = logins_.allow(caller.network, {}, now);
  if (!allowed) return allowed.error();
  const Result<Principal> who = token_desk_.redeem(ticket, now);
  if (!who) count_failure(caller, now);
  return who;
}

Result<Principal> Router::identify(const Caller& caller, Instant now) {
  if (caller.bearer.empty()) {
    if (caller.certified != nullptr) return *caller.certified;
    return Error{Reason::unauthenticated, "no token was shown; expected 'Authorization: Bearer <token>'"};
  }
  const Result<Principal> who = token_desk_.check(caller.bearer, now);
  if (who)
    logins_.succeeded(caller.network, who->name);
  else if (who.error().reason == Reason::unauthenticated)
    count_failure(caller, now);
  return who;
}

void Router::count_failure(const Caller& caller, Instant now) {
  using Slowed = trust::LoginThrottle::Slowed;
  const FixedText<31> account = token_desk_.account_of(caller.bearer);
  const Slowed slowed = logins_.failed(caller.network, account, now);
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

Result<void> Router::claim(ConnectionId connection, const Caller& caller, std::string_view body,
                           Instant now) {
  const Result<void> allowed = logins_.allow(caller.network, {}, now);
  if (!allowed) return allowed.error();
  const Result<void> claimed = token_desk_.claim(connection, caller, body, now);
  if (!claimed && claimed.error().reason == Reason::forbidden) logins_.failed(caller.network, {}, now);
  return claimed;
}

void Router::serve(const Exchange& exchange, const protocol::Authenticate& authenticate) {
  Session& session = exchange.session;
  const Caller caller{.peer = session.peer, .network = session.network, .bearer = authenticate.token};
  const Result<Principal> principal = log_in(caller, exchange.now);
  if (!principal) {
    exchange.fail(principal.error());
    if (principal.error().reason != Reason::unauthenticated) return;
    if (++session.failed_logins >= kLoginsMax) session.closing = Closing{1008, "too many wrong tokens"};
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

void Router::serve(const Exchange& exchange, const protocol::Resume& resume) {
  Session& session = exchange.session;
  const auto name = format_text<127>("%s/%s/%s", context_.epoch.c_str(), resume.session.c_str(),
                                     rights_name(*session.who()).c_str());
  if (!tokens_.is_of_session(name, resume.token))
    return exchange.fail({Reason::forbidden, "not the token of that session in this run of the device",
                          "payload.sessionToken"});
  if (resume.offset.value_or(0) > context_.values.offset())
    return exchange.fail({Reason::out_of_range,
                          "this epoch has not come to that offset; expected one that was told in it",
                          "payload.offset"});
  if (session.outbox.free_places() < SubscriptionList::kMax)
    return exchange.fail({Reason::busy, "too many answers are waiting; take them first", {}, 100});
  // They are of the holder that it no longer is then.
  if (session.commands_in_flight > 0)
    return exchange.fail(
        {Reason::busy, "commands of this session are under way; wait for their end", {}, 100});
  std::optional<Parked> kept = take_over(session, handle_of(resume.session));
  if (!kept)
    return exchange.fail(
        {Reason::not_found, "too late: what that session held was given up", "payload.session"});
  control_gate_.go_on(session, kept->holder);
  telemetry_gate_.go_on(exchange, kept->subscriptions, resume.offset);
  people_.returned(session, kept->groups, resume.offset, exchange.now);  // an event of after what was missed
}

/// What that session held, from those who are gone or from one whose connection may be half dead: whoever
/// knows the token is the session now.
std::optional<Parked> Router::take_over(const Session& session, Handle earlier) {
  Session* old = sessions_.find(earlier);
  if (old == nullptr || old == &session || old->holder == control::kNobody) return parking_.take(earlier);
  const Parked kept{.session = earlier,
                    .holder = std::exchange(old->holder, control::kNobody),
                    .groups = std::exchange(old->groups, 0),
                    .subscriptions = publisher_.subscriptions_of(*old)};
  if (!old->closing) old->closing = Closing{1000, "resumed on another connection"};
  return kept;
}

void Router::serve(const Exchange& exchange, const protocol::Ping& ping) {
  ++echoes_;
  const protocol::Pong pong{ping.data};
  if (pong.outlives_request())
    exchange.answer(pong);
  else
    echo(exchange, pong);
}

void Router::echo(const Exchange& exchange, const protocol::Pong& pong) {
  PromptAnswer prompt{context_, frames_, exchange};
  if (prompt.has_room()) prompt.give(pong, kEchoTooLong);
}

void Router::serve(const Exchange& exchange, const protocol::Describe& describe) {
  exchange.answer(protocol::Description{describe.pattern});
}

void Router::serve(const Exchange& exchange, const protocol::ReadJournal& asked) {
  const journal::Journal* journal = context_.journal;
  if (journal == nullptr) {
    exchange.fail({Reason::not_found, "this device keeps no journal"});
  } else if (asked.after > journal->newest()) {
    exchange.fail({Reason::out_of_range,
                   format_text<95>("found %" PRIu64 "; expected at most %" PRIu64 ", the newest record",
                                   asked.after, journal->newest()),
                   "payload.after"});
  } else {
    exchange.answer(protocol::JournalPage{asked});
  }
}

void Router::serve(const Exchange& exchange, const protocol::FollowLog& asked) {
  Session& session = exchange.session;
  session.wants_log = asked.follow;
  if (!asked.follow) return exchange.answer(protocol::Ack::Outcome::unfollowed);
  const RecentLog<protocol::LogLine>& lines = context_.news.lines();
  session.next_line = lines.oldest();
  if (asked.resume && asked.resume->epoch.view() == context_.epoch.view())
    session.next_line = lines.place_after(asked.resume->offset);
  exchange.answer(protocol::Ack::Outcome::following);
}

/// Who may move what a channel stands for may say that its alarm is taken care of.
void Router::serve(const Exchange& exchange, const protocol::Acknowledge& asked) {
  const Principal& who = *exchange.session.who();
  const std::optional<telemetry::AlarmId> alarm = context_.alarms.raised_at(asked.offset);
  const std::string_view path = alarm ? context_.roster.channels()[alarm->channel].path.view() : "";
  if (!alarm || !(who.may(Right::read, path) || who.may(Right::control, path)))
    return exchange.fail({Reason::not_found,
                          "no alarm was raised there, or it was raised again since; describe tells where",
                          "payload.offset"});
  if (!who.may(Right::control, path))
    return exchange.fail(
        {Reason::forbidden, "you may read this channel, not acknowledge its alarms", "payload.offset"});
  const Session& session = exchange.session;
  const Result<void> acknowledged = context_.alarms.acknowledge(
      *alarm, {who.name, session.id, session.peer, exchange.header.trace_id}, exchange.now);
  if (!acknowledged) return exchange.fail(acknowledged.error());
  exchange.answer(protocol::Ack::Outcome::acknowledged);
}

}  // namespace signalbox::session
