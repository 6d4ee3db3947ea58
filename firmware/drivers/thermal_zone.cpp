#include "drivers/thermal_zone.hpp"

namespace signalbox::drivers {

Result<void> ThermalZone::open() {
  if (host_ == nullptr) return Error{Reason::not_found, "this board offers no readings of its machine"};
  return {};
}

Instant ThermalZone::do_step(Instant now, device::ReadingSink& sink) {
  if (!cadence_.is_due(now)) return cadence_.next();
  cadence_.begin(now);
  if (const auto celsius = host_->temperature(zone_.empty() ? "any" : zone_.view()))
    sink.reading(0, *celsius);
  else
    sink.fault(0, "no such thermal zone");
  return cadence_.next();
}

}  // namespace signalbox::drivers
