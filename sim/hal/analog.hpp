#pragma once

#include <array>

#include "base/fixed_text.hpp"
#include "hal/analog.hpp"
#include "sim/hal/in_flight.hpp"
#include "sim/hal/port.hpp"
#include "sim/twins/analog_level.hpp"

namespace signalbox::sim {

/// Analog inputs on simulated time. Faults hit an input by its name.
class Analog final : public hal::Analog, public Port {
 public:
  explicit Analog(Faults& faults) : faults_{faults} {}

  /// Connects a level sender to the input of that name; false where there is no room.
  bool attach(std::string_view name, const twins::AnalogLevel& level);

 private:
  static constexpr std::size_t kInputsMax = 16;

  struct Input {
    FixedText<31> name;
    const twins::AnalogLevel* level = nullptr;
    bool claimed = false;
    double last_volts = 0.0;  ///< what a stuck input keeps showing
  };

  int do_claim(std::string_view input) override;
  void do_release_input(int input) override;
  void do_read(int input, hal::AnalogReading& reading) override;
  Instant do_next() const override { return readings_.next(); }
  void do_finish_next() override;

  Faults& faults_;
  std::array<Input, kInputsMax> inputs_{};
  std::size_t inputs_count_ = 0;
  InFlight<hal::AnalogReading, kInputsMax * 2> readings_;
};

}  // namespace signalbox::sim
