#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "device/roster.hpp"
#include "device/values.hpp"
#include "hal/append_log.hpp"
#include "telemetry/history.hpp"
#include "telemetry/history_piece.hpp"

namespace signalbox::telemetry {

/// Reads the samples of earlier runs from a log back into the history, once, before anything is sampled. It
/// blocks while the disk is read. Samples for which the rings have no room are skipped.
///
/// Samples keep their value, their quality and their wall time, that of the last piece of their run: a clock
/// that was set while it ran counts for all of it, as it does in memory. A sample without a value ends each
/// run, as at a reload, so that no chart draws a line through the time when the device was off. What a power
/// cut, a full disk, a damaged piece or thinning took is `lost` in the history.
class Restoration {
 public:
  struct To {
    const device::Roster& roster;
    device::Values& values;  ///< gives the offsets
    History& history;
  };
  /// What was found, for a person and for the run that goes on there.
  struct Found {
    std::uint32_t last_run = 0;     ///< 0: none
    std::uint64_t samples = 0;      ///< that were brought back; the rings keep the newest
    std::uint64_t damaged = 0;      ///< bytes that are no whole piece
    bool is_other_version = false;  ///< some of these look like those of another version of the firmware
    bool is_cut_off = false;        ///< the last run did not end in order
    std::uint64_t strange = 0;      ///< blocks of channels that are not declared, or otherwise
    std::uint64_t undated = 0;      ///< runs whose clock was never set
  };

  /// `memory`: hal::AppendLog::kPieceBytesMax bytes. `earliest`: a clock that is before that was never set.
  Restoration(hal::AppendLog& log, std::span<char> memory, const To& to, WallTime earliest)
      : log_{log}, memory_{memory}, to_{to}, earliest_{earliest} {}

  /// What follows the last whole piece is dropped from the log. The error says why the log cannot be read;
  /// what was read before is kept.
  Result<Found> operator()(Instant now);

 private:
  /// A run's pieces, from place to place, and what the last of them says.
  struct Run {
    std::uint64_t begins = 0;
    std::uint64_t ends = 0;
    PieceHead last;
  };

  std::string_view bytes_at(std::uint64_t place, bool anew);
  std::optional<Piece> next(std::uint64_t& place);
  std::size_t bytes_to_skip(std::string_view bytes);
  std::optional<Run> find_run(std::uint64_t place);
  void count(const Run& run);
  void take(const Run& run);
  void take(const Piece& piece, const Run& run);
  void take(const Block& block, device::ChannelIndex channel, const Run& run);
  bool is_crowded_out(device::ChannelIndex channel, const Block& block);
  void separate(device::ChannelIndex channel, Instant at);
  device::ChannelIndex channel_of(std::uint64_t meaning) const;
  bool is_dated(const PieceHead& head) const;

  hal::AppendLog& log_;
  std::span<char> memory_;
  To to_;
  WallTime earliest_;
  Found found_;
  std::optional<Error> error_;
  std::uint64_t window_begins_ = 0;  ///< what is in memory
  std::size_t window_bytes_ = 0;
  std::array<std::uint64_t, device::kChannelsCeiling> meanings_{};
  std::array<std::uint64_t, device::kChannelsCeiling> left_{};  ///< samples of each that are still to come
  PieceHead before_{.ended = true};                             ///< the last piece that was taken
  device::ChannelSet cut_;     ///< channels of which something may be missing before their next sample
  device::ChannelSet in_run_;  ///< channels with samples of the run under way
};

}  // namespace signalbox::telemetry
