#pragma once

#include "base/result.hpp"
#include "hal/linux/held_places.hpp"
#include "hal/pwm.hpp"

namespace signalbox::hal::kernel {

/// The outputs of the machine's PWM chips, held by hal/linux/pwm_worker; named as PwmOutput::open() takes
/// them.
class Pwm final : public hal::Pwm {
 public:
  /// Starts the process that holds them. `root` stands before `/sys`; for tests.
  Result<void> open(bool fenced, std::string_view root = "");
  void poll(Instant now) { outputs_.poll(now); }
  Instant next() const { return outputs_.next(); }

 private:
  int do_claim(std::string_view output, std::uint32_t frequency_hz, double initial_duty,
               double safe_duty) override;
  void do_release_output(int output) override { outputs_.release(output); }
  void do_write(int output, PwmOperation& operation) override;
  void do_withdraw(PwmOperation& operation) override;
  PwmHolds do_holds(int output) const override;

  HeldPlaces outputs_{"PWM output", "PWM outputs"};
};

}  // namespace signalbox::hal::kernel
