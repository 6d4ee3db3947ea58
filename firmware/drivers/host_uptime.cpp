#include "drivers/host_uptime.hpp"

namespace signalbox::drivers {

void HostUptime::do_measure(hal::Host& host, Instant /*now*/, device::ReadingSink& sink) {
  if (const auto seconds = host.uptime_seconds())
    sink.reading(0, *seconds);
  else
    sink.fault(0, "uptime not readable");
}

}  // namespace signalbox::drivers
