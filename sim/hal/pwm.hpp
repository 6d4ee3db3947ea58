#pragma once

#include <array>

#include "base/fixed_text.hpp"
#include "hal/pwm.hpp"
#include "sim/hal/in_flight.hpp"
#include "sim/hal/port.hpp"
#include "sim/twins/pwm_load.hpp"

namespace signalbox::sim {

/// PWM outputs on simulated time. Faults hit an output by its name.
class Pwm final : public hal::Pwm, public Port {
 public:
  explicit Pwm(Faults& faults) : faults_{faults} {}

  /// Connects what it drives to the output of that name; false where there is no room.
  bool attach(std::string_view name, twins::PwmLoad& load);
  bool has(std::string_view name) const;

 private:
  static constexpr std::size_t kOutputsMax = 8;

  struct Output {
    FixedText<31> name;
    twins::PwmLoad* load = nullptr;
    std::uint32_t frequency_hz = 0;
    bool claimed = false;
  };

  int do_claim(std::string_view output, std::uint32_t frequency_hz, double initial_duty,
               double safe_duty) override;
  void do_release_output(int output) override;
  void do_write(int output, hal::PwmOperation& operation) override;
  void do_withdraw(hal::PwmOperation& operation) override { operations_.withdraw(operation, now()); }
  hal::PwmHolds do_holds(int /*output*/) const override { return hal::PwmHolds::asked; }
  Instant do_next() const override { return operations_.next(); }
  void do_finish_next() override;

  Faults& faults_;
  std::array<Output, kOutputsMax> outputs_{};
  std::size_t outputs_count_ = 0;
  InFlight<hal::PwmOperation, kOutputsMax * 2> operations_;
};

}  // namespace signalbox::sim
