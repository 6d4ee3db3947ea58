#include "hal/linux/bus_link.hpp"

#include "base/log.hpp"

namespace signalbox::hal::kernel {

void BusLink::poll(Instant now) {
  const PortLink::News news = link_.poll(now);
  if (news.gone) log(Severity::error, "%s %d: its process is gone for good: restart this one", kind_, bus_);
  if (news.died)
    log(Severity::warning, "%s %d: its process hung or died; another one takes over", kind_, bus_);
}

}  // namespace signalbox::hal::kernel
