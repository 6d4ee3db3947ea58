#include "session/router.hpp"

#include <cinttypes>

#include "base/log.hpp"
#include "session/clearance.hpp"
#include "session/prompt_answer.hpp"
#include "session/request_rates.hpp"

namespace signalbox::session {
namespace {

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
        static_assert(clearance != Clearance::never, "session/clearance says what each message takes");
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
  session.news_seen = Session::kNewsUnseen;
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
