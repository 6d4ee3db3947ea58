#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/fixed_text.hpp"
#include "base/instant.hpp"
#include "base/result.hpp"
#include "hal/operation.hpp"

namespace signalbox::hal {

/// A piece to append. It and its bytes stay in place while it is pending.
struct AppendOperation {
  std::span<const char> bytes;  ///< 1 to AppendLog::kPieceBytesMax
  Completion completion = Completion::idle;
  FixedText<63> why;  ///< where it failed: why, for a person
};

/// Bytes that only ever grow at their end and outlive restarts and power cuts.
class AppendLog {
 public:
  /// The longest piece, and so the most that a power cut can leave half written.
  static constexpr std::size_t kPieceBytesMax = 8192;

  /// Copies the last bytes there are, as many as `into` takes; their count. `failed` with words for a person.
  /// Before the loop starts only: it may block.
  Result<std::size_t> read_end(std::span<char> into) { return do_read_end(into); }
  /// Copies what there is from `place` on, counted from the oldest byte: as many bytes as `into` takes, or
  /// fewer; 0: it ends there. Errors and when as `read_end`.
  Result<std::size_t> read(std::uint64_t place, std::span<char> into) { return do_read(place, into); }
  /// The next piece overwrites the last `bytes`, and `read` ends before them. Before the loop starts only.
  void drop_end(std::size_t bytes) { do_drop_end(bytes); }

  /// Appends one piece; one at a time. `done`: it outlives a power cut. `failed`: the next piece takes its
  /// place, whether any of it had reached the disk or not, so that trying again writes nothing twice.
  void append(AppendOperation& operation) {
    operation.completion = Completion::pending;
    operation.why.clear();
    do_append(operation);
  }
  /// Completes what has finished by `now`; bounded, never blocks.
  void poll(Instant now) { do_poll(now); }
  /// When it wants to be polled again; kNever where nothing is under way.
  Instant next() const { return do_next(); }

 protected:
  ~AppendLog() = default;

 private:
  virtual Result<std::size_t> do_read_end(std::span<char> into) = 0;
  virtual Result<std::size_t> do_read(std::uint64_t place, std::span<char> into) = 0;
  virtual void do_drop_end(std::size_t bytes) = 0;
  virtual void do_append(AppendOperation& operation) = 0;
  virtual void do_poll(Instant now) = 0;
  virtual Instant do_next() const = 0;
};

}  // namespace signalbox::hal
