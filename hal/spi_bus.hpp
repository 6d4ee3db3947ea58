#pragma once

#include <array>
#include <cstdint>

#include "base/instant.hpp"
#include "hal/operation.hpp"

namespace signalbox::hal {

/// One transfer of whole bytes, while its chip select is active: what the chip sends goes into `read`, bit by
/// bit as `write` goes out. Lives in its driver and must stay in place while `completion` is pending.
struct SpiTransfer {
  /// By chip select: 0 to 15.
  static constexpr std::size_t kChipsMax = 16;

  std::uint8_t chip_select = 0;
  std::uint8_t mode = 0;       ///< 0 to 3: twice the clock's polarity (CPOL), plus its phase (CPHA)
  std::uint32_t clock_hz = 0;  ///< at most; the bus takes one that it can make
  std::uint8_t bytes = 0;
  std::array<std::uint8_t, 16> write{};
  std::array<std::uint8_t, 16> read{};
  Instant deadline = kNever;  ///< not on the wire by then: timed_out
  Completion completion = Completion::idle;
};

/// An SPI bus, of which this is the controller: the most significant bit first.
class SpiBus {
 public:
  /// Starts `transfer`; false (and completion `failed`) where the bus cannot take more work now.
  bool submit(SpiTransfer& transfer) {
    transfer.completion = Completion::pending;
    if (do_submit(transfer)) return true;
    transfer.completion = Completion::failed;
    return false;
  }

 protected:
  ~SpiBus() = default;

 private:
  virtual bool do_submit(SpiTransfer& transfer) = 0;
};

}  // namespace signalbox::hal
