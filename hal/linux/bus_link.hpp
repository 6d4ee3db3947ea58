#pragma once

#include <utility>

#include "base/fixed_text.hpp"
#include "base/result.hpp"
#include "hal/linux/port_link.hpp"
#include "hal/linux/socket_pair.hpp"

namespace signalbox::hal::kernel {

/// The loop's way to the process that holds one bus; says what becomes of that process.
class BusLink {
 public:
  /// `kind` as people call it: `I2C bus`.
  explicit BusLink(const char* kind) : kind_{kind} {}

  /// Starts the process that holds bus number `bus`.
  template <typename Worker>
  Result<void> open(int bus, bool fenced) {
    Result<SocketPair> sockets = SocketPair::open();
    if (!sockets) return sockets.error();
    if (Worker{bus, sockets->theirs.number(), fenced}.start() < 0)
      return last_error(format_text<31>("the %s's process", kind_).c_str());
    bus_ = bus;
    link_ = PortLink{std::move(sockets->ours)};
    return {};
  }
  bool submit(const PortRequest& request, void* transfer, PortLink::Finish finish) {
    return link_.submit(request, transfer, finish);
  }
  void poll(Instant now);
  Instant next() const { return link_.next(); }

 private:
  const char* kind_;
  int bus_ = -1;
  PortLink link_;
};

}  // namespace signalbox::hal::kernel
