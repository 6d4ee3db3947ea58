#pragma once

#include "hal/linux/descriptor.hpp"
#include "hal/supervisor.hpp"

namespace signalbox::hal::kernel {

/// systemd, or whoever speaks as it does: datagrams to the socket that NOTIFY_SOCKET names (sd_notify(3)),
/// watched as WATCHDOG_USEC and WATCHDOG_PID say (sd_watchdog_enabled(3)).
class Supervisor final : public hal::Supervisor {
 public:
  /// Connects to it while that is still permitted. An address that leads nowhere is told in the log.
  Supervisor();

 private:
  void do_tell(State state, Instant now) override;
  Duration do_patience() const override { return patience_; }

  Descriptor socket_;
  Duration patience_{};
};

}  // namespace signalbox::hal::kernel
