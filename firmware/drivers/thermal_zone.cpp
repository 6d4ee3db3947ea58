#include "drivers/thermal_zone.hpp"

namespace signalbox::drivers {

void ThermalZone::do_measure(hal::Host& host, Instant /*now*/, device::ReadingSink& sink) {
  if (const auto celsius = host.temperature(zone_.empty() ? "any" : zone_.view()))
    sink.reading(0, *celsius);
  else
    sink.fault(0, "no such thermal zone");
}

}  // namespace signalbox::drivers
