#pragma once

#include <cstdint>
#include <string_view>

#include "base/instant.hpp"
#include "hal/operation.hpp"

namespace signalbox::hal {

/// What pulls an input while nothing drives it.
enum class Bias : std::uint8_t { as_is, none, pull_up, pull_down };

/// Which changes of an input's level are counted.
enum class Edges : std::uint8_t {
  none,
  rising,
  falling,
  both,  ///< where the line can: one that cannot is claimed all the same, and shows its level only
};

/// How an input is to be. A line that cannot be so is not had.
struct InputSetup {
  Bias bias = Bias::as_is;
  Duration debounce{};  ///< a level that does not last so long is not seen
  Edges edges = Edges::none;
  friend bool operator==(const InputSetup&, const InputSetup&) = default;
};

/// The edges of an input.
struct EdgeTally {
  std::uint64_t count = 0;  ///< since `since`, however seldom it was read
  Instant since{};    ///< another moment than before: it was begun anew, and what came between was not seen
  Instant last_at{};  ///< when the last one came
  Duration last_apart{};  ///< from the one before to it; 0 while there are not two
};

/// A write to, or a read of, one line. Lives in its driver; stays in place while pending.
struct DigitalOperation {
  bool level = false;  ///< to write, or read when done
  Instant deadline = kNever;
  Completion completion = Completion::idle;
  EdgeTally edges{};  ///< read when done, of an input that was claimed with edges
};

/// Digital lines, found by the names the board gives them.
class Digital {
 public:
  enum class Direction : std::uint8_t { input, output };
  static constexpr int kNoLine = -1;

  /// Claims a line at start. Returns its number, or kNoLine where the board has no such line or it is claimed
  /// already.
  int claim_input(std::string_view line, const InputSetup& setup = {}) { return do_claim_input(line, setup); }
  /// The same of an output: `initial` is its level from the first moment on, without a glitch; `safe` the one
  /// it has where nobody is left who could drive it.
  int claim_output(std::string_view line, bool initial, bool safe) {
    return do_claim_output(line, initial, safe);
  }
  /// Gives a claimed line back, for somebody else to claim; nothing is under way on it. An output keeps its
  /// level.
  void release(int line) { do_release_line(line); }
  void write(int line, DigitalOperation& operation) {
    operation.completion = Completion::pending;
    do_write(line, operation);
  }
  void read(int line, DigitalOperation& operation) {
    operation.completion = Completion::pending;
    do_read(line, operation);
  }
  /// Takes back a pending write that has not reached the hardware: it ends at once as `timed_out`. One that
  /// has goes on.
  void withdraw(DigitalOperation& operation) { do_withdraw(operation); }

 protected:
  ~Digital() = default;

 private:
  virtual int do_claim_input(std::string_view line, const InputSetup& setup) = 0;
  virtual int do_claim_output(std::string_view line, bool initial, bool safe) = 0;
  virtual void do_release_line(int line) = 0;
  virtual void do_write(int line, DigitalOperation& operation) = 0;
  virtual void do_read(int line, DigitalOperation& operation) = 0;
  virtual void do_withdraw(DigitalOperation& operation) = 0;
};

}  // namespace signalbox::hal
