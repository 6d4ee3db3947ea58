#pragma once

#include <string_view>

#include "base/instant.hpp"
#include "hal/operation.hpp"

namespace signalbox::hal {

/// One conversion. Lives in its driver; stays in place while pending.
struct AnalogReading {
  double volts = 0.0;
  Instant deadline = kNever;
  Completion completion = Completion::idle;
};

/// Analog inputs, found by the names the board gives them.
class Analog {
 public:
  static constexpr int kNoInput = -1;

  /// Claims an input at start; kNoInput where the board has none of that name.
  int claim(std::string_view input) { return do_claim(input); }
  /// Gives a claimed input back; nothing is under way on it.
  void release(int input) { do_release_input(input); }
  void read(int input, AnalogReading& reading) {
    reading.completion = Completion::pending;
    do_read(input, reading);
  }

 protected:
  ~Analog() = default;

 private:
  virtual int do_claim(std::string_view input) = 0;
  virtual void do_release_input(int input) = 0;
  virtual void do_read(int input, AnalogReading& reading) = 0;
};

}  // namespace signalbox::hal
