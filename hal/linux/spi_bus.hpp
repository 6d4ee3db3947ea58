#pragma once

#include "hal/linux/bus_link.hpp"
#include "hal/spi_bus.hpp"

namespace signalbox::hal::kernel {

/// One of the machine's SPI buses, held by hal/linux/spi_worker.
class SpiBus final : public hal::SpiBus {
 public:
  /// Whether the machine has a bus of that number, with a chip select that no driver of the kernel has.
  static bool is_there(int bus);

  /// Starts the process that holds it; of BusLink::kLater, of all that come later.
  Result<void> open(int bus, bool fenced);
  /// It may come later: it is then held by the process of `later`.
  void await(int bus, SpiBus& later) { link_.await(bus, later.link_); }
  void poll(Instant now) { link_.poll(now); }
  Instant next() const { return link_.next(); }

 private:
  bool do_submit(SpiTransfer& transfer) override;

  BusLink link_{"SPI bus"};
};

}  // namespace signalbox::hal::kernel
