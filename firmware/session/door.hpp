#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/instant.hpp"
#include "base/principal.hpp"
#include "base/result.hpp"
#include "base/slot_pool.hpp"
#include "session/life.hpp"

namespace signalbox::session {

/// A wire's own name for one of its connections.
using ConnectionId = std::uint32_t;

/// Who asks, as far as a request shows it.
struct Caller {
  std::string_view peer;                 ///< address in text
  std::uint64_t network = 0;             ///< who cannot be told apart from it, see `link::Peer::network`
  std::string_view bearer{};             ///< a token, of the header or a cookie; empty: none shown
  const Principal* certified = nullptr;  ///< who it is by its certificate; a token or ticket goes before that
};

/// A WebSocket handshake that asks to be let in, or a request of HTTP.
struct Arrival {
  ConnectionId connection = 0;
  Caller caller;
  std::string_view dialect;   ///< the sub-protocol agreed on
  std::string_view ticket{};  ///< from the URL; empty: none shown
  /// Of a session that is about one request: what that is, as `session/clearance` has it. Such a session
  /// speaks no sub-protocol but a dialect of the route, begins with its request as the first message, and is
  /// let in with a credential only.
  std::string_view operation{};
};

/// How the device is, told to anybody: nothing of it needs a credential.
struct Health {
  struct Dependency {
    std::string_view name;
    std::string_view state;
    bool is_ok = true;
  };
  std::array<Dependency, 3> dependencies{};
  std::string_view phase = "ready";  ///< or `starting`, `stopping`

  bool is_ready() const { return phase == "ready"; }
  bool is_ok() const {
    return std::all_of(dependencies.begin(), dependencies.end(),
                       [](const Dependency& its) { return its.is_ok; });
  }
};

/// What a session wants on its wire next.
struct Outgoing {
  enum class Kind : std::uint8_t {
    nothing,
    text,   ///< `bytes` of a text message, `first` and `last` tell which part
    ping,   ///< a WebSocket ping
    close,  ///< a close frame with `close_code` and `close_reason`; the session is over
  };
  Kind kind = Kind::nothing;
  std::span<const char> bytes{};  ///< lies in the memory given to `next`
  bool first = true;
  bool last = true;
  std::uint16_t close_code = 1000;
  std::string_view close_reason{};
  bool more = false;                 ///< something else waits already
  std::uint16_t status = 200;        ///< of HTTP, where it begins an answer there
  std::uint32_t retry_after_ms = 0;  ///< beside a status of failure; 0: no hint
};

/// Whether a wire should go on reading from a connection.
enum class Reading : std::uint8_t { go_on, pause };

/// The sessions' way to a wire (`link/` on a real network, the storm in virtual time).
class Wire {
 public:
  /// The connection's session has something to send: call `Door::next` when the socket takes it.
  void want_write(ConnectionId connection) { do_want_write(connection); }
  /// A paused connection may be read again.
  void resume_reading(ConnectionId connection) { do_resume_reading(connection); }
  /// The peer is dead or beyond help: drop the connection without a close frame, then call `Door::closed`.
  void drop(ConnectionId connection) { do_drop(connection); }
  /// The same where its session is needed for somebody else: `Door::closed` is called before this returns.
  void hang_up(ConnectionId connection) { do_hang_up(connection); }
  /// How the claim of that connection ended, see `Door::claim`: `{"token":…}`, which stays until this
  /// returns, or why not. The connection may be gone.
  void claimed(ConnectionId connection, const Result<std::string_view>& token) {
    do_claimed(connection, token);
  }

 protected:
  ~Wire() = default;

 private:
  virtual void do_want_write(ConnectionId connection) = 0;
  virtual void do_resume_reading(ConnectionId connection) = 0;
  virtual void do_drop(ConnectionId connection) = 0;
  virtual void do_hang_up(ConnectionId connection) = 0;
  virtual void do_claimed(ConnectionId connection, const Result<std::string_view>& token) = 0;
};

/// The one door between a wire and the sessions. Every call says what time it is.
class Door {
 public:
  /// Counts a connection's step before it has a session.
  LifeCounts& life() { return do_life(); }

  /// Lets a handshake in, before it is answered. Errors become HTTP: `unauthenticated` 401; `busy` (too many
  /// wrong tokens) 429 and `overloaded` 503, with Retry-After. The handle is the connection's from then on,
  /// until `closed`.
  Result<Handle> admit(const Arrival& arrival, Instant now) { return do_admit(arrival, now); }
  /// The socket is open.
  void opened(Handle session, Instant now) { do_opened(session, now); }

  /// Why the request that a session is about was refused at once; none where it was not.
  std::optional<Error> refusal(Handle session) { return do_refusal(session); }

  Health health(Instant now) { return do_health(now); }
  /// What the device's clock says; none where it is known to be wrong.
  std::optional<WallTime> wall_time(Instant now) { return do_wall_time(now); }

  /// The message `stop`, asked for without a session. Errors: `unauthenticated`, `forbidden`.
  Result<void> stop(const Caller& caller, Instant now) { return do_stop(caller, now); }

  /// What the device is, for machines that do not know us: a Thing Description of what this token allows.
  /// `socket_url` is where the WebSocket is. The text stays until the door is called next. Errors:
  /// `unauthenticated`, `busy`, `overloaded`, `tooBig`.
  Result<std::string_view> thing(const Caller& caller, std::string_view socket_url, Instant now) {
    return do_thing(caller, socket_url, now);
  }

  /// Whether the token that `caller` shows lets them in, for a page that keeps it as a cookie; for how many
  /// seconds it will. Errors: `unauthenticated`, `busy`, `offline` while the clock is wrong.
  Result<std::int64_t> log_in(const Caller& caller, Instant now) { return do_log_in(caller, now); }

  /// Makes whoever shows the claim code the device's administrator: `body` is `{"code":…,"name":…}`. Nobody
  /// is told before it is safe from a power cut, so where this is no error, the wire is told by `claimed`
  /// how it ended, perhaps before this returns. Errors: `malformed`, `forbidden` where the code is wrong,
  /// `busy` where too many from there were or somebody else is just claiming it, `conflict` where somebody
  /// has, `overloaded`.
  Result<void> claim(ConnectionId connection, const Caller& caller, std::string_view body, Instant now) {
    return do_claim(connection, caller, body, now);
  }

  /// Part of a text message; `first` and `last` mark its ends (the parts need not be the frames of the wire).
  Reading received(Handle session, std::string_view part, bool first, bool last, Instant now) {
    return do_received(session, part, first, last, now);
  }
  /// The peer sent something that cannot be taken (binary, not UTF-8): close with that code.
  void refuse(Handle session, std::uint16_t close_code, std::string_view why, Instant now) {
    do_refuse(session, close_code, why, now);
  }
  /// What the wire let it in by counts no more: it ends with 1008, what it held goes safe, nobody returns to
  /// it.
  void dismiss(Handle session, std::string_view why, Instant now) { do_dismiss(session, why, now); }
  /// That certificate (`Principal::certificate`) was revoked: so ends whoever it let in, on whatever
  /// connection, and tickets they made open nothing.
  void dismiss_certified(std::string_view certificate, Instant now) {
    do_dismiss_certified(certificate, now);
  }
  /// A WebSocket ping or pong came: the peer lives.
  Reading heard(Handle session, Instant now) { return do_heard(session, now); }

  /// The socket takes data: fills at most `into` and says what it is.
  Outgoing next(Handle session, std::span<char> into, Instant now) { return do_next(session, into, now); }

  /// The connection is gone; frees everything it held. Once for each admitted handle.
  void closed(Handle session, Instant now) { do_closed(session, now); }

 protected:
  ~Door() = default;

 private:
  virtual LifeCounts& do_life() = 0;
  virtual Result<Handle> do_admit(const Arrival& arrival, Instant now) = 0;
  virtual std::optional<Error> do_refusal(Handle session) = 0;
  virtual Health do_health(Instant now) = 0;
  virtual std::optional<WallTime> do_wall_time(Instant now) = 0;
  virtual Result<void> do_stop(const Caller& caller, Instant now) = 0;
  virtual Result<std::string_view> do_thing(const Caller& caller, std::string_view socket_url,
                                            Instant now) = 0;
  virtual Result<std::int64_t> do_log_in(const Caller& caller, Instant now) = 0;
  virtual Result<void> do_claim(ConnectionId connection, const Caller& caller, std::string_view body,
                                Instant now) = 0;
  virtual void do_opened(Handle session, Instant now) = 0;
  virtual Reading do_received(Handle session, std::string_view part, bool first, bool last, Instant now) = 0;
  virtual void do_refuse(Handle session, std::uint16_t close_code, std::string_view why, Instant now) = 0;
  virtual void do_dismiss(Handle session, std::string_view why, Instant now) = 0;
  virtual void do_dismiss_certified(std::string_view certificate, Instant now) = 0;
  virtual Reading do_heard(Handle session, Instant now) = 0;
  virtual Outgoing do_next(Handle session, std::span<char> into, Instant now) = 0;
  virtual void do_closed(Handle session, Instant now) = 0;
};

}  // namespace signalbox::session
