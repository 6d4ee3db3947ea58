#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "device/channel.hpp"
#include "hal/append_log.hpp"
#include "telemetry/history.hpp"

namespace signalbox::telemetry {

/// What samples look like on the disk: pieces that each can be read alone, of at most
/// hal::AppendLog::kPieceBytesMax bytes. A piece is a head, a block for each channel, and a digest of all
/// that tells whether it is whole. Numbers are little-endian; docs/DESIGN.md has the layout.
struct PieceHead {
  std::uint32_t run = 0;      ///< of the device, counted from 1
  std::uint32_t number = 0;   ///< of the piece in its run, counted from 1
  std::int64_t clock_ms = 0;  ///< Unix time at which the run's monotonic clock was zero, as known by then
  std::int64_t upto_ms = 0;   ///< what was sampled up to there, by the run's monotonic clock, was written
  bool ended = false;         ///< the run's last piece: it was stopped in order
};

/// Which entries of a ring go into a block: of the places from `first` up to `end` the last one and, before
/// it, each `stride`-th.
struct Selection {
  std::size_t first = 0;
  std::size_t end = 0;
  std::size_t stride = 1;
};

/// Names a channel by what its samples mean: path, kind, unit and labels.
std::uint64_t meaning_of(const device::Channel& channel);

/// How many bytes a block of these takes.
std::size_t block_bytes(const Ring<History::Entry>& entries, const Selection& selection,
                        device::ValueKind kind);

/// Writes a piece into memory of hal::AppendLog::kPieceBytesMax bytes.
class PieceWriter {
 public:
  explicit PieceWriter(std::span<char> memory) : memory_{memory} {}

  void begin(const PieceHead& head);
  /// How many bytes blocks can still take.
  std::size_t room() const;
  /// False where there is no room for it; then nothing was added. `lacks`: samples before or among these are
  /// missing.
  bool add(const device::Channel& channel, const Ring<History::Entry>& entries, const Selection& selection,
           bool lacks);
  std::span<const char> finish();

 private:
  std::span<char> memory_;
  std::size_t size_ = 0;
};

/// A piece that proved whole.
struct Piece {
  PieceHead head;
  std::string_view blocks;
  std::size_t bytes = 0;  ///< in all
};

/// Every piece begins like that; the last character is the version.
inline constexpr std::string_view kPieceBegin = "SBh1";
/// The piece that `bytes` begin with; nothing where they do not, or it is not whole.
std::optional<Piece> read_piece(std::string_view bytes);

struct Block {
  std::uint64_t meaning = 0;  ///< of its channel
  std::size_t count = 0;      ///< of samples, as it says
  bool lacks = false;
  std::string_view samples;
};
/// Takes the next one off a piece's blocks; nothing where there is none.
std::optional<Block> take_block(std::string_view& blocks);

/// Reads the samples of a block.
class SampleReader {
 public:
  SampleReader(std::string_view samples, const device::Channel& channel)
      : rest_{samples}, channel_{channel} {}

  /// The next one, stamped by its run's monotonic clock and without an offset; nothing at the end, or where
  /// what follows is none of this channel's: then `rest` is not empty.
  std::optional<History::Entry> next();
  std::string_view rest() const { return rest_; }

 private:
  bool read_time(std::uint8_t code);
  bool read_value();
  bool read_number();
  bool read_text();

  std::string_view rest_;
  const device::Channel& channel_;
  std::uint64_t at_ms_ = 0;
  std::uint64_t step_ms_ = 0;
  std::uint8_t state_ = 0;
  device::Value value_{};
  bool is_first_ = true;
};

}  // namespace signalbox::telemetry
