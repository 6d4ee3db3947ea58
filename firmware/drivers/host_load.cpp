#include "drivers/host_load.hpp"

namespace signalbox::drivers {

void HostLoad::do_measure(hal::Host& host, Instant /*now*/, device::ReadingSink& sink) {
  if (const auto load = host.load())
    sink.reading(0, *load);
  else
    sink.fault(0, "load not readable");
}

}  // namespace signalbox::drivers
