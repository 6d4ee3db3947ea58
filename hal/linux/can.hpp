#pragma once

#include <array>

#include "base/fixed_text.hpp"
#include "base/result.hpp"
#include "hal/can.hpp"
#include "hal/linux/can_worker.hpp"
#include "hal/linux/port_link.hpp"

namespace signalbox::hal::kernel {

/// The machine's CAN buses, listened to by hal/linux/can_worker. An interface that is not there or down, off
/// its bus or error-passive is logged once, and when it works again.
class Can final : public hal::Can {
 public:
  /// Starts the process that listens.
  Result<void> open(bool fenced);
  void poll(Instant now);
  Instant next() const { return link_.next(); }

 private:
  struct Interface {
    FixedText<31> name;
    FixedText<95> trouble;  ///< what was logged
  };
  struct Reader {
    PortRequest request;
    Interface* interface = nullptr;  ///< none: it is free
    CanReading* reading = nullptr;
  };

  int do_claim(const CanSource& source) override;
  void do_release_reader(int reader) override;
  void do_read(int reader, CanReading& reading) override;
  static void finish(void* record, const PortReply& reply);
  Interface* interface_for(std::string_view name);

  PortLink link_;
  std::array<Interface, CanWorker::kPortsMax> interfaces_{};
  std::array<Reader, CanWorker::kReadersMax> readers_{};
};

}  // namespace signalbox::hal::kernel
