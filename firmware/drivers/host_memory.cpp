#include "drivers/host_memory.hpp"

namespace signalbox::drivers {

void HostMemory::do_measure(hal::Host& host, Instant /*now*/, device::ReadingSink& sink) {
  const auto memory = host.memory();
  if (!memory || memory->total_bytes == 0) {
    sink.fault(0, "memory not readable");
    sink.fault(1, "memory not readable");
    return;
  }
  const auto total = static_cast<double>(memory->total_bytes);
  const auto available = static_cast<double>(memory->available_bytes);
  sink.reading(0, 100.0 * (total - available) / total);
  sink.reading(1, available);
}

}  // namespace signalbox::drivers
