// What ends by itself: silence, answers left unread, credentials.
#include <algorithm>
#include <cstdlib>

#include "base/log.hpp"
#include "session/session_table.hpp"

namespace signalbox::session {
namespace {

/// How long a draining session may take to send what is owed.
constexpr Duration kDrainWithin = from_ms(2000);
/// By less than that the clock is not set, but runs as clocks do.
constexpr std::int64_t kClockMoves_ms = 50;

Instant after(Instant since, Duration time) { return since == kNever ? kNever : since + time; }

}  // namespace

/// Where the clock was set, credentials may have ended.
void SessionTable::heed_clock() {
  const std::int64_t began_ms = context_.clock.label(Instant{}).unix_ms;
  if (std::abs(began_ms - clock_began_ms_) <= kClockMoves_ms) return;
  clock_began_ms_ = began_ms;
  sessions_.each([this](Handle handle, Session&) { deadlines_.at_once(handle.index); });
}

/// Looks at what may have come to an end, and when to look again.
Instant SessionTable::watch(Session& session, Instant now) {
  if (session.phase == Phase::upgrade) return kNever;  // the wire watches its own handshakes
  const Instant soon = now + Duration{1};
  resume_reading(session, now);
  if (session.phase == Phase::draining) {
    if (now - session.since > kDrainWithin)
      wire_->drop(session.connection);
    else
      settle(session, now);
    return soon;
  }
  const protocol::Limits& limits = context_.limits;
  const Instant dead = session.heard_at + from_ms(limits.dead_after_ms);
  if (now >= dead) {
    log(Severity::info, "session %u of %s: nothing heard for %u ms; dropped", session.handle.index,
        session.peer.c_str(), limits.dead_after_ms);
    wire_->drop(session.connection);
    return soon;
  }
  const Instant expired = session.expires_at(now, context_.clock.label(now));
  const Instant unread = after(session.waiting_since, patience());
  const Instant incomplete = after(session.inbox.incomplete_since(), patience());
  const Instant strange =
      session.phase == Phase::welcome ? session.since + from_ms(limits.authenticate_ms) : kNever;
  if (now >= expired) {
    token_desk_.dismiss(session, "the credential has expired", now);
  } else if (now >= unread) {
    close(session, {1013, "nothing was read for too long", kFullRetry_ms}, now);
  } else if (now >= strange) {
    close(session, {1008, "not authenticated in time"}, now);
  } else if (now >= incomplete) {
    close(session, {1008, "a message was left incomplete"}, now);
  } else if (now >= session.pinged_at + from_ms(limits.heartbeat_ms)) {
    session.pinged_at = now;
    session.ping_due = true;
  }
  settle(session, now);
  if (session.paused || !session.is_open()) return soon;
  return std::min(
      {dead, expired, unread, incomplete, strange, session.pinged_at + from_ms(limits.heartbeat_ms)});
}

}  // namespace signalbox::session
