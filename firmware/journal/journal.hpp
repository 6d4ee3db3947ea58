#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "base/ring.hpp"
#include "hal/append_log.hpp"
#include "journal/digest.hpp"
#include "journal/record.hpp"

namespace signalbox::journal {

struct Ending;

/// Remembers what happened to the device: the newest records in a ring in memory, all of them in a log that
/// outlives power cuts. Nobody waits for the log: new records go to it at most every `kCommitEvery`, and a
/// later step learns that they are written. While the log fails or hangs, the ring goes on; records that it
/// overwrites meanwhile are counted, and become a gap in the log.
class Journal {
 public:
  struct Memory {
    std::span<Record> records;  ///< the ring
    std::span<char> piece;      ///< hal::AppendLog::kPieceBytesMax bytes, on their way to the log
  };
  /// Which run of the device this is.
  struct Run {
    std::string_view epoch;
    std::string_view firmware_version;
    WallTime wall;
  };
  struct Counts {
    std::uint64_t lost = 0;      ///< records that the log did not take before the ring gave them up
    std::uint64_t failures = 0;  ///< of the log; one that hangs counts once
  };

  /// How much a power cut may cost; the log's own time, some milliseconds, comes on top.
  static constexpr Duration kCommitEvery = from_ms(1000);
  /// A log that is silent for that long is told of.
  static constexpr Duration kSilentMax = from_ms(5000);
  /// How long the end of the run waits for the log.
  static constexpr Duration kCloseWithin = from_ms(1000);

  explicit Journal(const Memory& memory) : records_{memory.records}, piece_{memory.piece} {}

  /// Goes on where the log ends. Adds a gap where records are missing there, and then `started`. Without this
  /// call the journal is in memory alone. Before the loop starts: it may block.
  Result<void> open(hal::AppendLog& log, const Run& run);
  /// Adds a record and numbers it; never fails. A stop and its reset are committed without delay.
  void append(const Record& record);
  /// Commits what is due; bounded. Returns when something is due again.
  Instant step(Instant now);
  /// Adds the run's last record and commits without delay.
  void close(Instant now, WallTime wall);
  /// After `close`: all is in the log, or the log cannot be had.
  bool is_settled(Instant now) const;

  /// Whether the device was stopped and not reset since, before a restart or after; also where the log is so
  /// damaged that it cannot tell.
  bool is_stop_latched() const { return stop_latched_; }

  /// Sequences: of the oldest record in memory (one beyond the newest: none), of the newest one ever, and of
  /// the newest one that a power cut cannot take.
  std::uint64_t oldest() const { return newest_ + 1 - records_.size(); }
  std::uint64_t newest() const { return newest_; }
  std::uint64_t committed() const { return committed_; }
  /// The hash of the last committed line: who keeps it elsewhere can tell later that nothing before was
  /// changed.
  const Digest& head() const { return head_; }
  /// The record, or nullptr where it is no longer or not yet in memory.
  const Record* find(std::uint64_t sequence) const;
  Counts counts() const;
  /// The log failed or is silent, and has not been written again: a power cut now takes what is newer than
  /// `committed`.
  bool is_troubled() const { return is_troubled_; }

 private:
  void go_on_after(const Ending& ending, const Run& run);
  void take_completion(Instant now);
  bool is_due(Instant now) const;
  void commit(Instant now);
  std::size_t fill_piece();
  void failed(const char* why);

  Ring<Record> records_;
  std::span<char> piece_;
  hal::AppendLog* log_ = nullptr;
  hal::AppendOperation operation_;

  std::uint64_t newest_ = 0;
  std::uint64_t committed_ = 0;
  Digest head_{};
  bool needs_feed_ = false;  ///< the log ends in the middle of somebody else's line

  bool stop_latched_ = false;

  std::uint64_t piece_to_ = 0;  ///< the last record of the piece under way
  Digest piece_head_{};
  std::uint64_t piece_lost_ = 0;
  std::uint64_t round_to_ =
      0;                    ///< a round writes what was there when it began, in as many pieces as it takes
  Instant round_at_{};      ///< when the next one may begin
  bool is_urgent_ = false;  ///< what is new waits for no round
  Instant submitted_at_{};
  std::uint64_t lost_ = 0;  ///< by the gaps in the log
  std::uint64_t failures_ = 0;
  bool is_silent_ = false;    ///< the piece under way takes too long
  bool is_troubled_ = false;  ///< the log failed or is silent, and that was told
  Instant closed_at_ = kNever;
  bool gave_up_ = false;
};

}  // namespace signalbox::journal
