#pragma once

#include <cstddef>
#include <string_view>

#include "hal/append_log.hpp"
#include "journal/line.hpp"

namespace signalbox::journal {

/// What the end of a journal's file says about the run before.
struct Ending {
  /// As much as must be read to be sure of the last whole line: a piece that a power cut tore, and a line.
  static constexpr std::size_t kBytes = hal::AppendLog::kPieceBytesMax + kLineBytesMax;

  bool is_empty = true;        ///< no line at all
  bool is_damaged = false;     ///< the last line is none of ours, or does not prove itself
  bool is_open_ended = false;  ///< what is there, and is not ours to drop, ends without a line feed
  std::size_t torn = 0;        ///< bytes of a line that was being written when the power went
  Proof last;  ///< the last whole line; where it is damaged, `sequence` is what it claims, or 0

  bool is_clean() const { return torn == 0 && !is_damaged && (is_empty || last.kind == Record::Kind::ended); }
};

/// Reads the last bytes of a file, kBytes or all there are.
///
/// A power cut leaves a part of the last piece: cut short, or with zero bytes where blocks of the disk were
/// not written. From the first such line on it is torn. A whole line that does not prove itself was changed
/// by somebody; it stays.
Ending read_ending(std::string_view end);

}  // namespace signalbox::journal
