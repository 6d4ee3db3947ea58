#pragma once

#include "hal/i2c_bus.hpp"
#include "hal/linux/bus_link.hpp"

namespace signalbox::hal::kernel {

/// One of the machine's I2C buses, held by hal/linux/i2c_worker.
class I2cBus final : public hal::I2cBus {
 public:
  /// Whether the machine has a bus of that number.
  static bool is_there(int bus);

  /// Starts the process that holds it; of BusLink::kLater, of all that come later.
  Result<void> open(int bus, bool fenced);
  /// It may come later: it is then held by the process of `later`.
  void await(int bus, I2cBus& later) { link_.await(bus, later.link_); }
  void poll(Instant now) { link_.poll(now); }
  Instant next() const { return link_.next(); }

 private:
  bool do_submit(I2cTransfer& transfer) override;

  BusLink link_{"I2C bus"};
};

}  // namespace signalbox::hal::kernel
