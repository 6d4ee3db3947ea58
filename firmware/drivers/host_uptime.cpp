#include "drivers/host_uptime.hpp"

namespace signalbox::drivers {

Result<void> HostUptime::open() {
  if (host_ == nullptr) return Error{Reason::not_found, "this board offers no readings of its machine"};
  return {};
}

Instant HostUptime::do_step(Instant now, device::ReadingSink& sink) {
  if (!cadence_.is_due(now)) return cadence_.next();
  cadence_.begin(now);
  if (const auto seconds = host_->uptime_seconds())
    sink.reading(0, *seconds);
  else
    sink.fault(0, "uptime not readable");
  return cadence_.next();
}

}  // namespace signalbox::drivers
