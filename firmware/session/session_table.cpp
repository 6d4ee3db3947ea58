#include "session/session_table.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "protocol/dialects/http.hpp"
#include "session/news_reader.hpp"

namespace signalbox::session {
namespace {

/// While somebody is there, the clock is looked at that often: it may be set, and a credential end by that.
constexpr Duration kClockPeriod = from_ms(1000);
/// How long a session that ends waits for its commands' ends.
constexpr Duration kOwedWithin = from_ms(1000);
/// Reading pauses when fewer places than this are free: a wire may hand over a message or two after it was
/// asked to pause.
constexpr std::size_t kPlacesInHand = 4;

bool is_full(const Session& session) { return session.outbox.free_places() <= kPlacesInHand; }

/// The `index`-th of equal shares.
template <typename T>
std::span<T> share(std::span<T> all, std::size_t index, std::size_t shares) {
  const std::size_t size = all.size() / shares;
  return all.subspan(index * size, size);
}

}  // namespace

SessionTable::SessionTable(const Context& context, const Memory& memory, control::Controller& controller,
                           trust::Tokens& tokens)
    : context_{context},
      sessions_{memory.sessions},
      deadlines_{memory.deadlines},
      places_{memory.places},
      waiting_{memory.waiting},
      folds_{memory.folds},
      frames_{memory.frames, memory.frame_bytes},
      inboxes_{memory.inboxes, memory.inbox_bytes},
      publisher_{context, sessions_, frames_, memory.publisher},
      sender_{context, frames_, publisher_},
      answers_{memory.answers},
      people_{context, sessions_, publisher_, controller.authority()},
      telemetry_gate_{context, publisher_},
      control_gate_{context, sessions_, controller, answers_},
      returns_{context, sessions_, controller, publisher_,   telemetry_gate_,
               people_, tokens,    deadlines_, memory.parked},
      token_desk_{context, sessions_, frames_, returns_, tokens, deadlines_},
      login_{context, people_, token_desk_, tokens, life_, memory.logins},
      request_rates_{memory.request_rates},
      router_{context, frames_, telemetry_gate_, control_gate_, people_, token_desk_, login_, returns_},
      tokens_{tokens} {}

Result<Handle> SessionTable::do_admit(const Arrival& arrival, Instant now) {
  touched_ = true;
  if (leaving_) return Error{Reason::overloaded, leaving_->reason.view(), {}, leaving_->retry_after_ms};
  const Caller& caller = arrival.caller;
  const bool by_ticket = caller.bearer.empty() && !arrival.ticket.empty();
  std::optional<Principal> principal;
  const bool must_show = !arrival.operation.empty();
  if (must_show || by_ticket || !caller.bearer.empty() || caller.certified != nullptr) {
    Result<Principal> checked =
        by_ticket ? login_.redeem(caller, arrival.ticket, now) : login_.log_in(caller, now);
    if (must_show) checked = in_time(permitted(checked, arrival.operation, now), now);
    if (!checked) return checked.error();
    principal = *checked;
  }
  const protocol::Dialect* dialect = protocol::find_dialect(arrival.dialect);
  if (dialect == nullptr) return Error{Reason::malformed, "this sub-protocol is not spoken here"};
  const std::size_t shares = sessions_.gauge().capacity;
  if (sessions_.gauge().used == shares) make_way();
  const Handle handle = sessions_.take(arrival.connection, *dialect, Outbox{{}, {}, {}}, now);
  if (!handle) return Error{Reason::overloaded, "all sessions of this device are in use", {}, kFullRetry_ms};
  Session& session = sessions_.at(handle);
  session.handle = handle;
  deadlines_.clear(handle.index);
  session.outbox = Outbox{{places_, handle.index, shares},
                          share(waiting_, handle.index, shares),
                          share(folds_, handle.index, shares)};
  publisher_.enter(session);
  session.peer = caller.peer;
  session.network = caller.network;
  session.holder = control::Holder{handle.generation} << 32U | handle.index;
  if (principal) session.let_in(*principal, now, context_.clock.label(now));
  session.id = format_text<23>("%u-%u", handle.index, handle.generation);
  life_.step(Phase::tls, Phase::upgrade);
  return handle;
}

/// Takes the session of whoever has shown no credential for longest: strangers keep nobody out, not even
/// those who show theirs once the socket is open, for which a moment is enough.
void SessionTable::make_way() {
  const Session* slowest = nullptr;
  sessions_.each([&](Handle, const Session& its) {
    const bool is_strange = !its.principal && its.phase != Phase::upgrade;
    if (is_strange && (slowest == nullptr || its.since < slowest->since)) slowest = &its;
  });
  if (slowest != nullptr) wire_->hang_up(slowest->connection);
}

void SessionTable::do_opened(Handle handle, Instant now) {
  touched_ = true;
  Session& session = sessions_.at(handle);
  enter(session, Phase::welcome, now);
  if (session.principal) {
    enter(session, Phase::authenticated, now);
    if (session.is_present()) people_.arrived(session, now);
  }
  if (leaving_) session.end_with(*leaving_);  // its handshake was under way when everybody was told to
  if (session.dialect->converses()) welcome(session, now);
  settle(session, now);
  deadlines_.soon(handle.index, now);
}

void SessionTable::welcome(Session& session, Instant now) {
  const std::optional<std::uint32_t> place = session.outbox.reserve({});
  SIGNALBOX_CHECK(place.has_value());
  protocol::Welcome welcome{session.id, tokens_.read_clock(context_.clock.label(now)).has_value()};
  if (session.principal) welcome.session_token = tokens_.of_session(session_name(session, context_.epoch));
  session.outbox.finish(*place, welcome);
}

Reading SessionTable::do_received(Handle handle, std::string_view part, bool first, bool last, Instant now) {
  Session& session = sessions_.at(handle);
  const std::uint64_t echoes = router_.echoes();
  session.heard_at = now;
  heed_closing(session, now);
  charge(session, part.size(), now);
  bool is_quiet = false;  // nobody else has to look at what comes of it
  if (session.is_open()) {
    const Inbox::Taken taken = session.inbox.take(inboxes_, part, first, last, now);
    take_message(session, taken, now);
    settle(session, now);
    is_quiet = taken.outcome == Inbox::Outcome::incomplete || router_.echoes() != echoes;
  }
  if (!is_quiet) {
    touched_ = true;
    deadlines_.soon(handle.index, now);
  } else if (session.inbox.incomplete_since() != kNever) {
    deadlines_.bring_forward(handle.index, session.inbox.incomplete_since() + patience());
  }
  return session.paused ? Reading::pause : Reading::go_on;
}

void SessionTable::take_message(Session& session, const Inbox::Taken& taken, Instant now) {
  if (taken.outcome == Inbox::Outcome::incomplete) return;
  if (!session.dialect->converses()) {
    if (std::exchange(session.asked, true))
      return close(session, {1008, "this stream takes no messages"}, now);
    if (session.dialect->name() == protocol::HttpMetrics::kName) {
      session.metric = 1;
      return;
    }
  }
  const std::size_t message_bytes_max = context_.limits.message_bytes;
  if (taken.outcome == Inbox::Outcome::too_big || taken.message.size() > message_bytes_max) {
    close(session, {1009, "message too big"}, now);
  } else if (session.outbox.free_places() == 0) {
    close(session, {1008, "answers left unread"}, now);
  } else if (taken.outcome == Inbox::Outcome::no_room) {
    router_.refuse(session,
                   {Reason::overloaded, "too many messages in pieces at once; send it again", {}, 100});
  } else {
    router_.route(session, taken.message, now);
  }
  session.inbox.clear(inboxes_);
}

void SessionTable::do_refuse(Handle handle, std::uint16_t close_code, std::string_view why, Instant now) {
  touched_ = true;
  Session& session = sessions_.at(handle);
  session.heard_at = now;
  if (session.is_open()) close(session, {close_code, why}, now);
  settle(session, now);
}

Reading SessionTable::do_heard(Handle handle, Instant now) {
  Session& session = sessions_.at(handle);
  session.heard_at = now;
  charge(session, 0, now);
  return session.paused ? Reading::pause : Reading::go_on;
}

/// Who sends too much is not read for a while.
void SessionTable::charge(Session& session, std::size_t bytes, Instant now) {
  session.bytes.charge(byte_rate(), now, static_cast<std::uint32_t>(bytes) + kPieceCost_bytes);
  if (session.paused || session.bytes.owed(byte_rate(), now) == Duration{}) return;
  pause(session, now);
  ++reading_paused_;
}

void SessionTable::pause(Session& session, Instant now) {
  session.paused = true;
  deadlines_.soon(session.handle.index, now);
}

void SessionTable::resume_reading(Session& session, Instant now) {
  if (!session.paused || is_full(session) || session.bytes.owed(byte_rate(), now) > Duration{}) return;
  session.paused = false;
  wire_->resume_reading(session.connection);
}

Outgoing SessionTable::do_next(Handle handle, std::span<char> into, Instant now) {
  Session& session = sessions_.at(handle);
  heed_closing(session, now);
  Outgoing outgoing = sender_.next(session, into, now);
  const bool over = is_over(session);
  if (over && outgoing.kind == Outgoing::Kind::nothing) {  // and the socket has taken all
    close(session, {1000, "answered"}, now);
    session.ending = Ending::close;
    outgoing = sender_.next(session, into, now);
  }
  if (outgoing.kind == Outgoing::Kind::close) return outgoing;
  // Nobody answers a ping of HTTP: who takes what is sent lives.
  if (!session.dialect->converses() && outgoing.kind != Outgoing::Kind::nothing) session.heard_at = now;
  const bool any = over || sender_.has_any(session);
  outgoing.more = any && outgoing.kind != Outgoing::Kind::nothing;
  // Being asked means that the peer reads; while it is not itself read until it does, that is all there is to
  // hear of it.
  session.waiting_since = kNever;
  if (any) {
    session.waiting_since = now;
    if (outgoing.kind == Outgoing::Kind::nothing)
      deadlines_.soon(handle.index, now);  // it waits for a frame, or for answers
    else
      deadlines_.bring_forward(handle.index, now + patience());
  }
  if (session.paused && is_full(session) && outgoing.kind != Outgoing::Kind::nothing) session.heard_at = now;
  resume_reading(session, now);
  return outgoing;
}

void SessionTable::do_closed(Handle handle, Instant now) {
  touched_ = true;
  Session& session = sessions_.at(handle);
  life_.step(session.phase, Phase::closed);
  if (session.principal && session.is_present()) people_.left(session, now);
  returns_.keep(session, now);
  publisher_.leave_all(session);
  session.inbox.clear(inboxes_);
  sender_.clear(session);
  deadlines_.clear(handle.index);
  sessions_.give_back(handle);
}

void SessionTable::do_progressed(const control::Progressed& progressed) {
  control_gate_.progressed(
      progressed, [this](const Waiter& waiter, const protocol::Told& answer) { deliver(waiter, answer); });
}

void SessionTable::deliver(const Waiter& waiter, const protocol::Told& answer) {
  Session* session = sessions_.find(waiter.session);
  if (session == nullptr) return;
  if (std::holds_alternative<protocol::Progress>(answer))
    session->outbox.progress(waiter.place, answer);
  else
    session->outbox.finish(waiter.place, answer);
  ask_to_write(*session, context_.clock.at);
}

/// Who resumes a session has another one closed, which may be in the middle of anything.
void SessionTable::heed_closing(Session& session, Instant now) {
  if (session.ending == Ending::none || !session.is_open()) return;
  const Closing closing = session.closing;
  close(session, closing, now);
}

void SessionTable::settle(Session& session, Instant now) {
  heed_closing(session, now);
  if (session.is_open() && !session.paused && is_full(session)) pause(session, now);
  if (sender_.has_any(session)) ask_to_write(session, now);
}

void SessionTable::ask_to_write(Session& session, Instant now) {
  if (session.waiting_since == kNever) {
    session.waiting_since = now;
    deadlines_.bring_forward(session.handle.index, now + patience());
  }
  wire_->want_write(session.connection);
}

void SessionTable::close(Session& session, const Closing& closing, Instant now) {
  session.end_with(closing);
  session.closing.owed_until = now + kOwedWithin;
  session.outbox.clear_telemetry(frames_);
  session.inbox.clear(inboxes_);
  publisher_.leave_all(session);
  enter(session, Phase::draining, now);
  deadlines_.soon(session.handle.index, now);
}

void SessionTable::enter(Session& session, Phase phase, Instant now) {
  life_.step(session.phase, phase);
  session.phase = phase;
  session.since = now;
}

Instant SessionTable::step(Instant now) {
  touched_ = false;
  tell_news(now);
  returns_.step(now);
  const Instant saved = token_desk_.step(now);
  const Instant published = publisher_.step(now, [&](Session& session) { ask_to_write(session, now); });
  heed_clock();
  deadlines_.each_due(now, [&](std::uint32_t place) {
    Session* session = sessions_.in_place(place);
    return session != nullptr ? watch(*session, now) : kNever;
  });
  return std::min({saved, published, returns_.next(), next(), count() > 0 ? now + kClockPeriod : kNever});
}

/// Wakes everybody, once something happened.
void SessionTable::tell_news(Instant now) {
  if (news_told_ == context_.news.count()) return;
  news_told_ = context_.news.count();
  sessions_.each([&](Handle, Session& session) {
    if (has_news(session, context_)) settle(session, now);  // who is late keeps up with what is not for it
  });
}

void SessionTable::drain_all(std::string_view reason, std::uint32_t retry_after_ms, Instant now) {
  leaving_ = Closing{1001, reason, retry_after_ms};
  sessions_.each([&](Handle, Session& session) {
    if (session.is_open()) close(session, *leaving_, now);
    if (session.phase == Phase::draining) settle(session, now);
  });
}

std::size_t SessionTable::holders() {
  std::size_t holders = token_desk_.frames_held();
  sessions_.each([&](Handle, Session& session) {
    holders += session.outbox.frames_held() + (session.transfer.frame != kNoFrame ? 1 : 0);
  });
  return holders;
}

}  // namespace signalbox::session
