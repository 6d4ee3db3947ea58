#pragma once

#include <array>

#include "base/fixed_text.hpp"
#include "hal/spi_bus.hpp"
#include "sim/hal/in_flight.hpp"
#include "sim/hal/port.hpp"
#include "sim/twins/spi_chip.hpp"

namespace signalbox::sim {

/// An SPI bus on simulated time: one transfer after the other, eight clocks a byte. Faults hit the bus by its
/// name (`spi-0`) and a chip by name and chip select (`spi-0/1`).
class SpiBus final : public hal::SpiBus, public Port {
 public:
  SpiBus(std::string_view name, Faults& faults) : name_{name}, faults_{faults} {}

  /// Puts a chip on the bus; false where its chip select is taken or there is none of that number.
  bool attach(std::size_t chip_select, twins::SpiChip& chip);
  bool has(int chip_select) const {
    return chip_select >= 0 && static_cast<std::size_t>(chip_select) < chips_.size() &&
           chips_[static_cast<std::size_t>(chip_select)] != nullptr;
  }

 private:
  static constexpr std::size_t kTransfersMax = 8;

  bool do_submit(hal::SpiTransfer& transfer) override;
  Instant do_next() const override { return transfers_.next(); }
  void do_finish_next() override;
  hal::Completion talk(hal::SpiTransfer& transfer, Instant at);

  FixedText<15> name_;
  Faults& faults_;
  std::array<twins::SpiChip*, hal::SpiTransfer::kChipsMax> chips_{};
  InFlight<hal::SpiTransfer, kTransfersMax> transfers_;
  Instant free_at_{};
};

}  // namespace signalbox::sim
