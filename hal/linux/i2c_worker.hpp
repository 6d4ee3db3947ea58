#pragma once

#include "hal/linux/descriptor.hpp"
#include "hal/linux/port_worker.hpp"

namespace signalbox::hal::kernel {

/// Holds an I2C bus (linux/i2c-dev.h): that which it was asked for last.
class I2cWorker final : public PortWorker {
 public:
  I2cWorker(int socket, bool fenced)
      : PortWorker{{.watcher = "i2c-watch", .worker = "i2c"}, socket, fenced} {}

 private:
  void do_serve(const PortRequest& request, PortReply& reply) override;
  bool open_device(int bus);
  bool transfer(const PortRequest& request, PortReply& reply) const;
  bool transfer_by_smbus(const PortRequest& request, PortReply& reply) const;

  int bus_ = -1;
  Descriptor device_;
  unsigned long functions_ = 0;  ///< what the adapter can do
};

}  // namespace signalbox::hal::kernel
