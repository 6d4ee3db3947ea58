#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "session/door.hpp"
#include "sim/dice.hpp"
#include "sim/storm/trace.hpp"

namespace signalbox::sim::storm {

/// How a connection behaves.
struct Link {
  Duration up{};               ///< latency from client to device
  Duration down{};             ///< and back
  std::size_t unread_max = 2;  ///< messages on their way or unread before the socket takes no more
  bool finishes_upgrade = true;
  std::string_view dialect = "signalbox.v1";
  std::string_view operation{};  ///< of a request by HTTP; empty: a WebSocket
};

/// What a request by HTTP begins with.
struct Greeting {
  std::size_t number = 0;  ///< the message's
  std::string head;
  bool is_all = true;  ///< no body follows
};

/// The far end of a connection.
class Peer {
 public:
  /// The handshake was answered: let in, or refused for that reason.
  void opened(Handle session, Instant now) { do_opened(session, now); }
  void refused(const Error& error, Instant now) { do_refused(error, now); }
  /// The message of that number has reached the device whole.
  void delivered(std::size_t number, Instant now) { do_delivered(number, now); }
  void heard(std::string_view text, Instant now) { do_heard(text, now); }
  void pinged(Instant now) { do_pinged(now); }
  void closed(std::uint16_t code, Instant now) { do_closed(code, now); }
  /// When the next message may be read; kNever while nothing is read.
  Instant reads_from() const { return do_reads_from(); }
  /// The device knows that the connection is gone.
  void gone(Instant now) { do_gone(now); }

 protected:
  ~Peer() = default;

 private:
  virtual void do_opened(Handle session, Instant now) = 0;
  virtual void do_refused(const Error& error, Instant now) = 0;
  virtual void do_delivered(std::size_t number, Instant now) = 0;
  virtual void do_heard(std::string_view text, Instant now) = 0;
  virtual void do_pinged(Instant now) = 0;
  virtual void do_closed(std::uint16_t code, Instant now) = 0;
  virtual Instant do_reads_from() const = 0;
  virtual void do_gone(Instant now) = 0;
};

/// Connections in virtual time, on the device's side of a simulated network.
class Wire final : public session::Wire {
 public:
  static constexpr std::size_t kUnlimited = 100'000;

  /// `write_bytes`: how much the socket takes at once.
  Wire(session::Door& door, Trace& trace, Dice& dice, std::size_t write_bytes)
      : door_{door}, trace_{trace}, dice_{dice}, buffer_(write_bytes) {}

  /// Begins a handshake; the peer is told how it ends.
  session::ConnectionId connect(Peer& peer, const Link& link, std::string_view bearer, Instant now);
  /// The same by HTTP; the head is there when the peer is told that it was let in.
  session::ConnectionId connect(Peer& peer, const Link& link, std::string_view bearer, Greeting greeting,
                                Instant now);
  /// Sends a text message in pieces, the first one now, each further one `pause` later.
  void send(session::ConnectionId id, std::size_t number, std::vector<std::string> pieces, Duration pause,
            bool finished, Instant now);
  /// A WebSocket pong.
  void pong(session::ConnectionId id, Instant now);
  /// Something no text: the link on a real network refuses it with that code.
  void nonsense(session::ConnectionId id, std::uint16_t code, Instant now);
  /// The client closes; the device learns of it after the link's latency.
  void hang_up(session::ConnectionId id, Instant now);
  /// From now on the socket takes whatever comes.
  void widen(session::ConnectionId id) { at(id).link.unread_max = kUnlimited; }
  /// Nothing gets through any more, in either direction, and nobody is told.
  void cut(session::ConnectionId id, Instant now);

  /// When something happens next.
  Instant next() const;
  /// Hands to the device and to the peers what has arrived by `now`.
  void deliver(Instant now);
  /// Lets every socket that is free take what the device has for it.
  void flush(Instant now);
  /// All connections break at once; with a device that no longer runs (`told`: false) nobody is told.
  void break_all(Instant now, bool told);

  std::size_t open_count() const;
  /// Something that was sent has not reached the device yet.
  bool has_backlog() const;
  /// Connections of which part of a message has arrived.
  std::size_t incomplete_count() const;
  /// Since when the device can know of the longest dead connection: where bytes are limited, what it sent
  /// before is read, and heard, until then. kNever where none is dead.
  Instant dead_since(std::uint32_t bytes_per_s) const;

 private:
  struct Up {
    enum class Kind : std::uint8_t { part, pong, nonsense, hang_up };
    Kind kind = Kind::part;
    Instant arrives{};
    std::string bytes{};
    bool first = true;
    bool last = true;
    std::size_t number = 0;
    std::uint16_t code = 0;
  };
  struct Down {
    enum class Kind : std::uint8_t { text, ping, close };
    Kind kind = Kind::text;
    Instant arrives{};
    std::string bytes{};
    std::uint16_t code = 0;
  };
  struct Connection {
    Peer* peer = nullptr;
    Link link;
    std::string bearer;
    std::optional<Greeting> greeting;
    enum class State : std::uint8_t { arriving, shaking, open, closing, gone } state = State::arriving;
    Handle session{};
    Instant changes_at{};  ///< arriving: arrives; shaking: opens or fails; closing: the device is told
    Instant last_sent{};
    bool wants_write = false;
    bool paused = false;
    std::size_t after_pause = 0;  ///< parts that still get through
    bool incomplete = false;
    Instant cut_at = kNever;
    std::int64_t late_bytes = 0;  ///< read after the cut, as a limit counts them
    std::deque<Up> up;
    std::deque<Down> down;
    std::string unfinished;  ///< parts taken from the device so far
    bool mid_text = false;
  };

  void do_want_write(session::ConnectionId id) override;
  void do_resume_reading(session::ConnectionId id) override;
  void do_drop(session::ConnectionId id) override;
  void do_hang_up(session::ConnectionId id) override { end(id, trace_.now()); }
  void do_claimed(session::ConnectionId, const Result<std::string_view>&) override {}

  Connection& at(session::ConnectionId id) { return *connections_[id]; }
  static bool is_known(const Connection& connection);
  void push_up(Connection& connection, Up up);
  void heed(Connection& connection, session::Reading reading);
  static bool may_read(const Connection& connection) {
    return !connection.paused || connection.after_pause > 0;
  }
  bool may_write(const Connection& connection) const;
  void greet(Connection& connection, Instant now);
  static Instant next_of(const Connection& connection);
  void change(session::ConnectionId id, Instant now);
  void arrive(session::ConnectionId id, Instant now);
  void take_up(session::ConnectionId id, Instant now);
  void take_down(session::ConnectionId id, Instant now);
  void write(session::ConnectionId id, Instant now);
  void take_text(session::ConnectionId id, const session::Outgoing& outgoing, Instant now);
  void close(Connection& connection, Duration after, Instant now);
  void end(session::ConnectionId id, Instant now);

  session::Door& door_;
  Trace& trace_;
  Dice& dice_;
  std::vector<char> buffer_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace signalbox::sim::storm
