#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "base/fixed_text.hpp"
#include "hal/append_log.hpp"
#include "hal/linux/descriptor.hpp"
#include "hal/linux/watched_process.hpp"
#include "hal/store.hpp"

namespace signalbox::hal::kernel {

/// What the loop asks of the process that writes: this and `size` bytes behind it, in one datagram. Doing it
/// twice does no harm.
struct WriteRequest {
  enum class Kind : std::uint32_t {
    append,   ///< put the bytes into the log at `offset`, end it behind them, bring it to the disk
    rotate,   ///< the log becomes the previous one; done already where there is none
    replace,  ///< the bytes are the record of that name from now on
  };
  std::uint64_t id = 0;  ///< from 1
  std::uint64_t offset = 0;
  Kind kind = Kind::append;
  std::uint32_t size = 0;
  FixedText<63> name;  ///< of the log or the record: a file of the directory
};

/// What a log's file is called once another one took its place.
inline FixedText<65> previous_of(const char* log_name) { return format_text<65>("%s.1", log_name); }

template <std::size_t kBytesMax>
struct WriteDatagram {
  WriteRequest head;
  std::array<char, kBytesMax> bytes;
  std::size_t size() const { return sizeof head + head.size; }
};

/// What it answers.
struct WriteReply {
  std::uint64_t id = 0;   ///< the request's; 0: the writing process died, another one takes over
  std::uint64_t end = 0;  ///< of the log: where the next piece belongs
  std::int32_t error_number = 0;
  bool in_place = false;  ///< the new record is what everybody reads, whatever failed after
};

/// The loop's connection to the process that writes; one request at a time. Nothing here waits.
class DiskLink {
 public:
  enum class Received : std::uint8_t { nothing, reply, gone };
  static constexpr const char* kGone = "the process that writes it is gone";

  DiskLink() = default;
  explicit DiskLink(Descriptor socket) : socket_{std::move(socket)} {}

  bool is_open() const { return static_cast<bool>(socket_); }
  /// Forgets what was answered to nobody: that a writer with nothing to do died.
  void drop_stale() const;
  /// Why it cannot be sent; nullptr: it was.
  const char* send(const void* datagram, std::size_t size) const;
  Received receive(WriteReply& reply) const;

 private:
  Descriptor socket_;
};

/// Writes what must outlive a power cut, append logs and records, for somebody who must not wait for the
/// disk.
class DiskWorker final : public WatchedProcess {
 public:
  /// One for each who appends to a log, one for who saves records.
  using Sockets = std::array<int, 3>;

  /// `directory` and `sockets` are open in this process; the worker's processes keep them, and end where the
  /// other end of one is closed. `fenced`: they enter a sandbox of their own.
  DiskWorker(int directory, const Sockets& sockets, bool fenced)
      : WatchedProcess{{.watcher = "disk-watch", .worker = "disk-write"}},
        kept_{directory, sockets[0], sockets[1], sockets[2]},
        fenced_{fenced} {}

 private:
  using Datagram = WriteDatagram<hal::Store::kRecordBytesMax>;
  static_assert(hal::Store::kRecordBytesMax >= hal::AppendLog::kPieceBytesMax);

  std::span<const int> do_kept() const override { return kept_; }
  bool do_fence_watcher() override;
  bool do_fence_worker() override;
  void do_work() override;
  void do_tell_death() override;

  int directory() const { return kept_[0]; }
  std::span<const int> sockets() const { return std::span{kept_}.subspan(1); }
  bool serve_next(std::size_t peer, Datagram& datagram);
  WriteReply serve(const Datagram& datagram, Descriptor& file);
  int open_file(const char* name, Descriptor& file) const;
  int append(WriteReply& reply, const Datagram& datagram, Descriptor& file) const;
  int rotate(const WriteRequest& request, Descriptor& file) const;

  std::array<int, 4> kept_;
  bool fenced_;
  std::array<Descriptor, 3> files_;  ///< each peer's log
};

}  // namespace signalbox::hal::kernel
