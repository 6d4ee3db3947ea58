#pragma once

#include <array>

#include "hal/linux/descriptor.hpp"
#include "hal/linux/port_worker.hpp"
#include "hal/spi_bus.hpp"

namespace signalbox::hal::kernel {

/// Holds an SPI bus, that which it was asked for last, of which each chip select is a device of its own
/// (linux/spi/spidev.h).
class SpiWorker final : public PortWorker {
 public:
  SpiWorker(int socket, bool fenced)
      : PortWorker{{.watcher = "spi-watch", .worker = "spi"}, socket, fenced} {}

  /// `/dev/spidev0.1`.
  static FixedText<31> device_path(int bus, unsigned chip_select) {
    return format_text<31>("/dev/spidev%d.%u", bus, chip_select);
  }

 private:
  struct Chip {
    Descriptor device;
    std::uint8_t mode = 0;
  };

  void do_serve(const PortRequest& request, PortReply& reply) override;
  bool open_chip(Chip& chip, const PortRequest& request) const;

  int bus_ = -1;
  std::array<Chip, SpiTransfer::kChipsMax> chips_;
};

}  // namespace signalbox::hal::kernel
