#pragma once

#include <utility>

#include "base/fixed_text.hpp"
#include "base/result.hpp"
#include "hal/linux/port_link.hpp"
#include "hal/linux/socket_pair.hpp"

namespace signalbox::hal::kernel {

/// The loop's connection to the process that holds one bus: a process of its own where the bus is there at
/// the start, or the one for all buses that come later. Logs what becomes of that process.
class BusLink {
 public:
  /// As the number of a bus: those that come after the start, in one process. It holds one of them at a time.
  static constexpr int kLater = -1;

  /// `kind` as people call it: `I2C bus`.
  explicit BusLink(const char* kind) : kind_{kind} {}

  /// Starts the process that holds bus number `bus`.
  template <typename Worker>
  Result<void> open(int bus, bool fenced) {
    Result<SocketPair> sockets = SocketPair::open();
    if (!sockets) return sockets.error();
    if (Worker{sockets->theirs.number(), fenced}.start() < 0)
      return last_error(format_text<31>("the %s's process", kind_).c_str());
    bus_ = bus;
    link_ = PortLink{std::move(sockets->ours)};
    return {};
  }
  /// Bus number `bus` may come later: `later` asks for it.
  void await(int bus, BusLink& later) {
    bus_ = bus;
    asked_ = &later.link_;
  }
  bool submit(PortRequest& request, void* transfer, PortLink::Finish finish) {
    request.line = bus_;
    return asked_->submit(request, transfer, finish);
  }
  void poll(Instant now);
  Instant next() const { return link_.next(); }

 private:
  const char* kind_;
  int bus_ = kLater;
  PortLink link_;
  PortLink* asked_ = &link_;
};

}  // namespace signalbox::hal::kernel
