#include "hal/linux/bus_link.hpp"

#include "base/log.hpp"

namespace signalbox::hal::kernel {

void BusLink::poll(Instant now) {
  const PortLink::News news = link_.poll(now);
  if (!news.gone && !news.died) return;
  const auto name = bus_ == kLater ? format_text<47>("each %s that came after the start", kind_)
                                   : format_text<47>("%s %d", kind_, bus_);
  if (news.gone)
    log(Severity::error, "%s: its process is gone for good: restart this one", name.c_str());
  else
    log(Severity::warning, "%s: its process hung or died; another one takes over", name.c_str());
}

}  // namespace signalbox::hal::kernel
