#pragma once

#include <cstdint>
#include <sys/types.h>
#include <utility>

#include "hal/append_log.hpp"
#include "hal/linux/descriptor.hpp"
#include "hal/linux/disk_worker.hpp"

namespace signalbox::hal::kernel {

/// An append log in a file of a directory, written by a process of its own. When the file is about to exceed
/// its limit it becomes the previous one, `NAME.1`, whose predecessor goes. Files are their owner's alone.
class AppendLog final : public hal::AppendLog {
 public:
  AppendLog() = default;
  AppendLog(const AppendLog&) = delete;
  AppendLog& operator=(const AppendLog&) = delete;
  /// The writing process finishes what it has and ends; waited for, but not for ever.
  ~AppendLog();

  /// Locks the directory against a second writer and starts the process. Before the loop, threads and
  /// secrets: the process is a fork of this one. `name`: a file name of at most 31 bytes. `file_bytes_max`:
  /// at least kPieceBytesMax. `fenced`: the process can do nothing else. Errors with words for a person.
  Result<void> open(const char* directory, const char* name, std::uint64_t file_bytes_max,
                    bool fenced = true);

  /// Another log in the directory of `first`, written by its process, once. It is used no longer than
  /// `first`.
  Result<void> open_beside(AppendLog& first, const char* name, std::uint64_t file_bytes_max);

  /// The connection to the process by which a store saves records of that directory, see `Store::save_by`. To
  /// be taken once.
  DiskLink take_records_link() { return std::move(records_); }

  /// The process that watches over the writing one; for tests.
  pid_t watcher() const { return watcher_; }

 private:
  Result<std::size_t> do_read_end(std::span<char> into) override;
  Result<std::size_t> do_read(std::uint64_t place, std::span<char> into) override;
  void do_drop_end(std::size_t bytes) override;
  void do_append(AppendOperation& operation) override;
  void do_poll(Instant now) override;
  Instant do_next() const override;

  Result<void> lock(const char* directory);
  Error failure(const char* what, int error_number) const;
  Result<void> find_end();
  Descriptor open_to_read(const char* name) const;
  Result<std::uint64_t> size_of_previous() const;
  Result<std::size_t> read_at(const char* name, std::uint64_t place, std::span<char> into) const;
  void send(WriteRequest::Kind kind);
  void take(const WriteReply& reply);
  void fail(const char* why);

  Descriptor directory_;
  DiskLink link_;
  DiskLink records_;  ///< for who saves records, until they take it
  DiskLink beside_;   ///< for a log beside this one, likewise
  FixedText<31> name_;
  FixedText<127> path_;
  std::uint64_t file_bytes_max_ = 0;
  std::uint64_t end_ = 0;  ///< where the next piece belongs
  pid_t watcher_ = -1;
  AppendOperation* pending_ = nullptr;
  WriteDatagram<kPieceBytesMax> request_{};
  Instant polled_at_{};
};

}  // namespace signalbox::hal::kernel
