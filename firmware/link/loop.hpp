#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/instant.hpp"
#include "base/latencies.hpp"
#include "base/result.hpp"
#include "link/read_ahead.hpp"
#include "link/time_source.hpp"
#include "link/write_behind.hpp"

struct epoll_event;
struct lws;
struct lws_context;
struct lws_plugin_evlib;

namespace signalbox::link {

/// Someone who waits for a file descriptor to become readable.
class Watcher {
 public:
  void ready(int fd) { do_ready(fd); }

 protected:
  ~Watcher() = default;

 private:
  virtual void do_ready(int fd) = 0;
};

/// Whoever writes to connections when the loop comes to them, see `Loop::ask_to_write`.
class Writer {
 public:
  void write(std::uint32_t connection) { do_write(connection); }

 protected:
  ~Writer() = default;

 private:
  virtual void do_write(std::uint32_t connection) = 0;
};

/// The event loop: epoll below libwebsockets and below every other descriptor of the process. libwebsockets'
/// own loop asks the kernel about all connections for each message; this one costs the same beside 0 and
/// 1,000 idle ones.
class Loop {
 public:
  /// What is known of one descriptor; the table's index is its number.
  static constexpr std::uint8_t kFresh = 0;  ///< what came up since the last look
  static constexpr std::uint8_t kRest = 1;   ///< what there was no time for then
  static constexpr std::uint8_t kNoQueue = 2;
  struct Slot {
    enum class Owner : std::uint8_t { nobody, lws, watcher };
    Owner owner = Owner::nobody;
    std::uint8_t queue = kNoQueue;          ///< of those whose wishes are to be looked at, see `settle`
    bool write_tried = false;               ///< written to before the kernel told that it may be
    bool held = false;                      ///< not to be read for now, whatever libwebsockets wishes
    bool deferred = false;                  ///< served after those who are not
    bool hung_up = false;                   ///< told, and told no more: the kernel would repeat it for ever
    bool known = false;                     ///< to the kernel
    std::uint8_t ahead = ReadAhead::kNone;  ///< its place in there, where bytes of it wait
    std::uint32_t generation = 0;           ///< tells an event of an earlier use of the number
    std::uint32_t wanted = 0;               ///< EPOLLIN, EPOLLOUT
    std::uint32_t registered = 0;
    int previous = -1;  ///< in its queue
    int next = -1;
    // What it takes for certain, see `wrote`.
    std::uint32_t room = 0;    ///< as the kernel counts memory
    std::uint16_t unsaid = 0;  ///< bytes
    bool reads_ahead = false;
    std::uint32_t asks = 0;  ///< the connection that wants to be written to; 0: it does not
    Watcher* watcher = nullptr;
  };
  static constexpr int kEventsPerPass = 64;
  /// What is done in a pass of what came up, counted in what it takes to serve one who says something:
  /// further ones wait for the next pass, in which the kernel tells of them again. As much again is done for
  /// those who are deferred.
  static constexpr int kUnitsPerPass = kEventsPerPass;
  static constexpr int kArrivalUnits = 4;  ///< a request that begins a session, beside what it says
  static constexpr int kDepartureUnits =
      8;  ///< the end of a connection: TLS's memory, the socket, the session
  static constexpr std::uint16_t kUnlookedBytesMax = 8 * 1024;
  /// So many of those who wait longer are looked at, and written to, before it is seen whether somebody says
  /// something.
  static constexpr int kSettledPerPass = 16;
  /// So many passes at most do those who are deferred wait while others are served.
  static constexpr int kDeferredPassesMax = 4;

  struct Queue {
    int first = -1;
    int last = -1;
    bool empty() const { return first < 0; }
  };

  /// Each descriptor's number must be below `slots.size()`.
  Loop(std::span<Slot> slots, TimeSource time) : slots_{slots}, time_{time} {}
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  Result<void> open();

  /// Calls `watcher` when `fd` is readable (or broken), until `unwatch`, which comes before closing it.
  Result<void> watch(int fd, Watcher& watcher);
  void unwatch(int fd);
  /// Stops and starts looking at a watched descriptor, as a listening socket does while there is no room.
  void pause(int fd, bool paused);

  /// One pass, from `now`: serves libwebsockets' timers and what it holds back, waits until something is
  /// ready or `deadline`, and serves at most `kEventsPerPass` of what is.
  void wait(Instant now, Instant deadline);

  /// Reads nothing from one of libwebsockets' connections until it is let go.
  void hold(int fd, bool held);
  /// Serves this descriptor only in passes in which nobody else says anything, but for every fifth: what was
  /// asked last is answered by then.
  void defer(int fd, bool deferred);
  /// Whether something costly may be done in this pass still: one such thing, and further ones while it has
  /// taken less than a fifth of a millisecond. Whoever may not is served in the next pass.
  bool take_turn();
  /// Something was done in this pass that takes as long as so many who say something.
  void spend(int units) { spent_ += units; }

  /// Somebody on a connection is owed something: it goes before those who have waited for less.
  void hasten(int fd);
  /// The same, and the writer is called with the connection, not 0, once its turn has come: without
  /// libwebsockets' way round by a descriptor that is writable.
  void ask_to_write(int fd, std::uint32_t connection);
  /// Whether a connection takes more than was written to it already, as far as that is known for certain.
  bool has_room(int fd) const;
  /// So many bytes were written to a connection. A socket that takes a write has a third of its buffer free
  /// (Linux, sk_stream_is_writeable), so it need not be asked again before that much was written, or
  /// `kUnlookedBytesMax`: for a slow reader no more than these wait in the kernel beside what the listener
  /// lets, and grow old there.
  void wrote(int fd, std::size_t bytes);

  /// From now on reads from this connection more than it is asked for, up to what `ReadAhead` holds: a record
  /// of TLS is asked for in two pieces, and comes in one call.
  void read_ahead(int fd);
  /// As `recv` on a connection: at most `into`; 0 where the peer has ended it, -1 with errno.
  std::ptrdiff_t read(int fd, std::span<unsigned char> into);
  /// Whether some of it waits here still.
  bool has_unread(int fd) const { return ahead_.size(slots_[static_cast<std::size_t>(fd)].ahead) > 0; }
  /// As `send` on a connection: how much was taken, or -1 with errno.
  std::ptrdiff_t write(int fd, std::span<const unsigned char> bytes);
  /// Where the next that is sent is made, at most so many bytes; empty where the kernel has not taken yet
  /// what was sent before: it has to be written, then.
  std::span<unsigned char> lend(std::size_t bytes);
  /// Sends what was made there, to a connection that has room: while those are served who asked for it,
  /// together with what the others get, before anybody is waited for; else at once. What the kernel does not
  /// take stays here until it does.
  void send(int fd, std::span<const unsigned char> bytes);

  /// The time of what is served now: it is read once for each descriptor, when its turn comes.
  Instant now() const { return now_; }
  /// How long each pass took, from what became ready to the next wait: all that one client can be held up by
  /// others, or by the machine.
  const Latencies& passes() const { return passes_; }
  std::size_t descriptors_max() const { return slots_.size(); }

  /// For the context's creation: `event_lib_custom`, with the loop as its one foreign loop.
  static const lws_plugin_evlib* event_library();
  /// The context to serve from now on, and who writes to its connections; nullptr before it is destroyed.
  void serve(lws_context* context, Writer* writer) {
    context_ = context;
    writer_ = writer;
  }

 private:
  static int init_pt(lws_context* context, void* loop, int tsi);
  static void io(lws* wsi, unsigned int flags);

  Slot* slot(int fd);
  void want(int fd, std::uint32_t events, bool start);
  void mark_changed(int fd);
  void forget(int fd);
  void append(std::uint8_t queue, int fd);
  void remove(int fd);
  /// Whether there were wishes to look at.
  bool settle();
  void settle_some(std::uint8_t queue, int most);
  void settle(int fd);
  void call_writer(int fd);
  int force_service();
  void flush();
  void serve_lws(int fd, std::uint32_t events);
  void serve_once(int fd, std::uint32_t events);
  static void found_writable(int fd, Slot& its);
  /// Whether bytes of it wait that were read ahead, and may be read.
  bool is_unread(const Slot& its) const;
  int dispatch(std::span<const epoll_event> ready, bool deferred);
  void dispatch(int fd, std::uint32_t generation, std::uint32_t events);

  std::span<Slot> slots_;
  TimeSource time_;
  ReadAhead ahead_;
  WriteBehind behind_;
  bool settling_ = false;
  lws_context* context_ = nullptr;
  Writer* writer_ = nullptr;
  int epoll_ = -1;
  int writing_ = -1;  ///< who is written to now, since it takes it
  std::array<Queue, 2> queues_{};
  int deferred_passes_ = 0;      ///< in which some of those waited
  Instant now_{};                ///< see `now`
  Instant pass_began_ = kNever;  ///< kNever: not yet
  Latencies passes_;
  bool turn_taken_ = false;
  int spent_ = 0;             ///< of `kUnitsPerPass`
  bool refused_now_ = false;  ///< the kernel would not watch one of them, in this pass
  bool is_refused_ = false;   ///< or in the last one
};

}  // namespace signalbox::link
