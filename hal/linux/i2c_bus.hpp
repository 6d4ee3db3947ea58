#pragma once

#include "base/result.hpp"
#include "hal/i2c_bus.hpp"
#include "hal/linux/port_link.hpp"

namespace signalbox::hal::kernel {

/// One of the machine's I2C buses, held by hal/linux/i2c_worker.
class I2cBus final : public hal::I2cBus {
 public:
  /// Starts the process that holds it.
  Result<void> open(int bus, bool fenced);
  void poll(Instant now);
  Instant next() const { return link_.next(); }

 private:
  bool do_submit(I2cTransfer& transfer) override;

  int bus_ = -1;
  PortLink link_;
};

}  // namespace signalbox::hal::kernel
