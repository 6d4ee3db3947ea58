#include "drivers/host_memory.hpp"

namespace signalbox::drivers {

Result<void> HostMemory::open() {
  if (host_ == nullptr) return Error{Reason::not_found, "this board offers no readings of its machine"};
  return {};
}

Instant HostMemory::do_step(Instant now, device::ReadingSink& sink) {
  if (!cadence_.is_due(now)) return cadence_.next();
  cadence_.begin(now);
  const auto memory = host_->memory();
  if (!memory || memory->total_bytes == 0) {
    sink.fault(0, "memory not readable");
    sink.fault(1, "memory not readable");
    return cadence_.next();
  }
  const auto total = static_cast<double>(memory->total_bytes);
  const auto available = static_cast<double>(memory->available_bytes);
  sink.reading(0, 100.0 * (total - available) / total);
  sink.reading(1, available);
  return cadence_.next();
}

}  // namespace signalbox::drivers
