#pragma once

#include <cstdint>
#include <span>

#include "base/instant.hpp"
#include "device/roster.hpp"
#include "device/values.hpp"
#include "hal/append_log.hpp"
#include "telemetry/history.hpp"
#include "telemetry/history_piece.hpp"

namespace signalbox::telemetry {

/// Writes the history to a log that outlives power cuts, one piece of at most hal::AppendLog::kPieceBytesMax
/// bytes at a time and not more often than it is told: that is what the disk wears by. A power cut takes what
/// is newer than the last piece. Nobody waits for the log. While it fails, the rings go on; what they
/// overwrite before it works again is `lost` to the next run.
///
/// Where not everything fits into a piece, channels that want more than their share are thinned evenly, to
/// every second sample, every fourth and so on; the next run knows that too.
class HistoryLog {
 public:
  struct Memory {
    std::span<char> piece;            ///< hal::AppendLog::kPieceBytesMax bytes, on their way to the log
    std::span<std::uint32_t> wanted;  ///< one for each channel
  };
  struct From {
    const device::Roster& roster;
    const device::Values& values;
    const History& history;
  };
  struct Counts {
    std::uint64_t pieces = 0;  ///< that the log took
    std::uint64_t bytes = 0;
    std::uint64_t thinned = 0;  ///< blocks
    std::uint64_t failures = 0;
  };

  /// How long the end of the run waits for the log.
  static constexpr Duration kCloseWithin = from_ms(1000);

  HistoryLog(const Memory& memory, const From& from) : memory_{memory}, from_{from} {}

  /// Memory that pieces are read into, before `open`.
  std::span<char> memory() const { return memory_.piece; }
  /// Writes what is sampled from now on as the device's `run`, every so often; without it the history is in
  /// memory alone. The first piece comes at once: it shows that there was a run, even if it ends before the
  /// second.
  void open(hal::AppendLog& log, std::uint32_t run, Duration every, Instant now);
  /// Does as much as one channel takes; returns when something is due again.
  Instant step(Instant now, const WallClock& clock);
  /// What is left is written without delay, as the last piece of the run.
  void close(Instant now);
  /// After `close`: all is in the log, or the log cannot be had.
  bool is_settled(Instant now) const;

  /// Everything sampled up to that offset is in the log, or has been thinned out or overwritten before.
  std::uint64_t written_until() const { return written_until_; }
  const Counts& counts() const { return counts_; }

 private:
  enum class Phase : std::uint8_t { resting, measuring, filling };

  void take_completion(Instant now);
  bool has_anything() const;
  void begin(Instant now, const WallClock& clock);
  void measure(device::ChannelIndex channel);
  void fill(device::ChannelIndex channel);
  std::size_t fair_share() const;
  Selection unwritten(device::ChannelIndex channel) const;
  void send();

  Memory memory_;
  From from_;
  PieceWriter piece_{memory_.piece};
  hal::AppendLog* log_ = nullptr;
  hal::AppendOperation operation_;
  Duration every_{};
  Instant due_at_ = kNever;

  Phase phase_ = Phase::resting;
  PieceHead head_;                     ///< run, and number of the last piece that the log took
  bool is_last_ = false;               ///< the piece under way ends the run
  std::uint64_t until_ = 0;            ///< the offset that it reaches to
  std::uint64_t thinned_ = 0;          ///< blocks of it
  device::ChannelIndex channels_ = 0;  ///< there were so many when it was begun
  device::ChannelIndex at_ = 0;        ///< the channel that is next
  std::size_t share_ = 0;              ///< no channel gets more bytes, if others want theirs
  std::uint64_t written_until_ = 0;

  Counts counts_;
  bool is_troubled_ = false;  ///< the log failed, and that was told
  Instant closed_at_ = kNever;
  bool gave_up_ = false;
};

}  // namespace signalbox::telemetry
