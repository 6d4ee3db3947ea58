#pragma once

#include <cstdint>
#include <string_view>

#include "base/instant.hpp"
#include "hal/operation.hpp"

namespace signalbox::hal {

/// A change of one output's duty cycle. Lives in its driver; stays in place while pending.
struct PwmOperation {
  double duty = 0.0;  ///< 0 to 1
  Instant deadline = kNever;
  Completion completion = Completion::idle;
};

/// What a claimed output has, as far as is known.
enum class PwmHolds : std::uint8_t {
  asked,    ///< what was written last, at first its initial duty cycle
  safe,     ///< its safe one: nobody drove it for a while
  unknown,  ///< it cannot be driven: it is not there, or somebody else's
};

/// PWM outputs, found by the names the board gives them.
class Pwm {
 public:
  static constexpr int kNoOutput = -1;

  /// Claims an output at start, driven with `initial_duty` from the first moment on; `safe_duty` is what it
  /// has where nobody is left who could drive it. kNoOutput where the board has no such output, or it is
  /// claimed already.
  int claim(std::string_view output, std::uint32_t frequency_hz, double initial_duty, double safe_duty) {
    return do_claim(output, frequency_hz, initial_duty, safe_duty);
  }
  /// Gives a claimed output back; nothing is under way on it. It keeps its duty cycle.
  void release(int output) { do_release_output(output); }
  void write(int output, PwmOperation& operation) {
    operation.completion = Completion::pending;
    do_write(output, operation);
  }
  /// Takes back a pending write that has not reached the hardware: it ends at once as `timed_out`. One that
  /// has goes on.
  void withdraw(PwmOperation& operation) { do_withdraw(operation); }
  PwmHolds holds(int output) const { return do_holds(output); }

 protected:
  ~Pwm() = default;

 private:
  virtual int do_claim(std::string_view output, std::uint32_t frequency_hz, double initial_duty,
                       double safe_duty) = 0;
  virtual void do_release_output(int output) = 0;
  virtual void do_write(int output, PwmOperation& operation) = 0;
  virtual void do_withdraw(PwmOperation& operation) = 0;
  virtual PwmHolds do_holds(int output) const = 0;
};

}  // namespace signalbox::hal
