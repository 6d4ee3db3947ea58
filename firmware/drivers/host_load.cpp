#include "drivers/host_load.hpp"

namespace signalbox::drivers {

Result<void> HostLoad::open() {
  if (host_ == nullptr) return Error{Reason::not_found, "this board offers no readings of its machine"};
  return {};
}

Instant HostLoad::do_step(Instant now, device::ReadingSink& sink) {
  if (!cadence_.is_due(now)) return cadence_.next();
  cadence_.begin(now);
  if (const auto load = host_->load())
    sink.reading(0, *load);
  else
    sink.fault(0, "load not readable");
  return cadence_.next();
}

}  // namespace signalbox::drivers
