#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/digest.hpp"
#include "base/instant.hpp"
#include "base/principal.hpp"
#include "base/slot_pool.hpp"
#include "base/token_bucket.hpp"
#include "control/actor.hpp"
#include "protocol/dialect.hpp"
#include "session/door.hpp"
#include "session/inbox.hpp"
#include "session/life.hpp"
#include "session/outbox.hpp"

namespace signalbox::session {

/// How a session ends: what goodbye and the close frame say.
struct Closing {
  std::uint16_t code = 1000;
  FixedText<47> reason;
  std::uint32_t retry_after_ms = 0;  ///< 0: no hint
  Instant owed_until{};              ///< how long it waits for answers still owed
};
/// What comes next of a session's end.
enum class Ending : std::uint8_t { none, goodbye, close, over };

/// A long message on its way out in parts.
struct Transfer {
  FrameId frame = kNoFrame;
  std::uint32_t sent = 0;  ///< bytes
};

/// One connected client.
struct Session {
  Session(ConnectionId connection_id, const protocol::Dialect& spoken, Outbox owed, Instant now)
      : connection{connection_id},
        dialect{&spoken},
        heard_at{now},
        outbox{owed},
        since{now},
        pinged_at{now} {}

  const Principal* who() const { return principal ? &*principal : nullptr; }
  /// The session belongs to that principal from now on, until their credential ends. The time that is left is
  /// taken from the clock now: setting it back later prolongs nothing.
  void let_in(const Principal& whose, Instant now, WallTime wall) {
    principal = whose;
    ends = kNever;
    ends = expires_at(now, wall);
  }
  /// When their credential ends, by what the clock reads now; kNever: while nobody was let in, or not in a
  /// hundred years.
  Instant expires_at(Instant now, WallTime wall) const {
    constexpr std::int64_t kNear_s = 100LL * 366 * 86'400;
    if (!principal || principal->expires_s >= wall.unix_ms / 1000 + kNear_s) return ends;
    return std::min(ends, now + from_ms(principal->expires_s * 1000 - wall.unix_ms));
  }
  /// It is told how it ends as soon as somebody looks at it; the first word counts.
  void end_with(const Closing& how) {
    closing = how;
    ending = Ending::goodbye;
  }
  /// It as whoever moves an output; once somebody was let in.
  control::Actor actor() const { return {holder, principal->name, id, peer}; }
  /// Whether an announcement to these is for it.
  bool belongs_to(const protocol::Audience& to) const {
    switch (to.kind) {
      case protocol::Audience::Kind::group: return (groups & to.groups) != 0;
      case protocol::Audience::Kind::session: return to.name.view() == id.view();
      default: return true;
    }
  }
  /// Whether others are told that it came and went: a single request is no visit.
  bool is_present() const { return dialect->course() != protocol::Course::single; }
  bool is_open() const { return phase == Phase::welcome || phase == Phase::authenticated; }

  /// Of `news_seen`: it has to be seen what waits.
  static constexpr std::uint64_t kNewsUnseen = ~std::uint64_t{0};

  // What telemetry looks at, for each delivery of each session, lies in the two first cache lines of its
  // slot: they were last touched a period ago, and most likely have to come from memory.
  Handle handle;
  ConnectionId connection;
  std::uint32_t metric = 0;  ///< of a reader of metrics: which is next, from 1; 0: it reads none
  const protocol::Dialect* dialect;
  std::uint64_t news_seen = 0;     ///< up to that count of `News` nothing waits for it
  Instant waiting_since = kNever;  ///< something is owed and the socket takes nothing
  Instant heard_at;                ///< the peer last sent anything
  Phase phase = Phase::upgrade;
  Ending ending = Ending::none;
  bool asked = false;           ///< the request that a session without a conversation is about
  bool paused = false;          ///< reading stopped until answers are taken, or it has sent less for a while
  bool ping_due = false;        ///< a WebSocket ping waits
  bool wants_events = false;    ///< one of its subscriptions does
  bool wants_presence = false;  ///< who comes and goes is told too
  bool wants_log = false;       ///< the log's lines are told
  Transfer transfer;
  Outbox outbox;

  Instant since;  ///< of this phase
  Instant pinged_at;
  Instant ends = kNever;  ///< of its credential, whatever the clock reads then
  TokenBucket requests;
  TokenBucket announcements;
  TokenBucket bytes;
  std::uint64_t next_event = 0;         ///< place in the log
  std::uint64_t next_presence = 0;      ///< place in the log
  std::uint64_t next_announcement = 0;  ///< place in the log
  std::uint64_t next_line = 0;          ///< place in the log
  std::uint32_t groups = 0;             ///< bits of `People`
  std::uint32_t commands_in_flight = 0;
  std::uint32_t failed_logins = 0;
  Closing closing;
  Inbox inbox;
  std::uint64_t network = 0;                  ///< the address, as far as it tells them apart
  control::Holder holder = control::kNobody;  ///< of leases and batons
  FixedText<23> id;                           ///< on the wire
  FixedText<45> peer;                         ///< address
  std::optional<Principal> principal;
};

using Sessions = SlotPool<Session>;

/// The principal and its rights, for telling them apart from others.
inline FixedText<63> rights_name(const Principal& who) {
  return format_text<63>("%s/%016llx", who.name.c_str(),
                         static_cast<unsigned long long>(Digest{}.add(who.scope.text()).value()));
}

/// The name that a session's token is made for: this run, this session, this principal with these rights.
inline FixedText<127> session_name(const Session& session, std::string_view epoch) {
  return format_text<127>("%.*s/%s/%s", static_cast<int>(epoch.size()), epoch.data(), session.id.c_str(),
                          session.principal ? rights_name(*session.principal).c_str() : "");
}

}  // namespace signalbox::session
