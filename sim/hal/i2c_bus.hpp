#pragma once

#include <array>

#include "base/fixed_text.hpp"
#include "hal/i2c_bus.hpp"
#include "sim/hal/in_flight.hpp"
#include "sim/hal/port.hpp"
#include "sim/twins/i2c_chip.hpp"

namespace signalbox::sim {

/// A 100 kHz I2C bus on simulated time: one transfer after the other, nine clocks a byte.
/// Faults hit the bus by its name (`i2c-1`) and a chip by name and address (`i2c-1/72`).
class I2cBus final : public hal::I2cBus, public Port {
 public:
  I2cBus(std::string_view name, Faults& faults) : name_{name}, faults_{faults} {}

  /// Puts a chip on the bus; false where its address is taken or not a device's (0x08 to 0x77).
  bool attach(std::uint8_t address, twins::I2cChip& chip);
  bool has(int address) const {
    return address >= 0 && static_cast<std::size_t>(address) < chips_.size() &&
           chips_[static_cast<std::size_t>(address)] != nullptr;
  }

 private:
  static constexpr std::size_t kTransfersMax = 8;

  bool do_submit(hal::I2cTransfer& transfer) override;
  Instant do_next() const override { return transfers_.next(); }
  void do_finish_next() override;
  hal::Completion talk(hal::I2cTransfer& transfer, Instant at);

  FixedText<15> name_;
  Faults& faults_;
  std::array<twins::I2cChip*, 128> chips_{};
  InFlight<hal::I2cTransfer, kTransfersMax> transfers_;
  Instant free_at_{};
};

}  // namespace signalbox::sim
