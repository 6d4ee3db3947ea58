#pragma once

#include <array>
#include <cstdint>

#include "base/instant.hpp"
#include "hal/operation.hpp"

namespace signalbox::hal {

/// One combined transfer: writes, then (after a repeated start) reads. Lives in its driver and must stay in
/// place while `completion` is pending.
struct I2cTransfer {
  std::uint8_t address = 0;  ///< 7 bits
  std::uint8_t write_bytes = 0;
  std::uint8_t read_bytes = 0;
  std::array<std::uint8_t, 16> write{};
  std::array<std::uint8_t, 32> read{};
  Instant deadline = kNever;  ///< not on the wire by then: timed_out
  Completion completion = Completion::idle;
};

/// An I2C bus master (NXP UM10204).
class I2cBus {
 public:
  /// Starts `transfer`; false (and completion `failed`) where the bus cannot take more work now.
  bool submit(I2cTransfer& transfer) {
    transfer.completion = Completion::pending;
    if (do_submit(transfer)) return true;
    transfer.completion = Completion::failed;
    return false;
  }

 protected:
  ~I2cBus() = default;

 private:
  virtual bool do_submit(I2cTransfer& transfer) = 0;
};

}  // namespace signalbox::hal
