#include "drivers/host_traffic.hpp"

namespace signalbox::drivers {
namespace {

void report(device::ReadingSink& sink, std::uint8_t port, std::uint64_t before, std::uint64_t after,
            Duration between) {
  // An interface that went away takes its bytes with it.
  if (after < before) return sink.fault(port, "counter went back");
  const double seconds = std::chrono::duration<double>(between).count();
  sink.reading(port, static_cast<double>(after - before) / seconds);
}

}  // namespace

void HostTraffic::do_measure(hal::Host& host, Instant now, device::ReadingSink& sink) {
  const auto traffic = host.traffic();
  if (!traffic) {
    sink.fault(0, "network counters not readable");
    sink.fault(1, "network counters not readable");
  } else if (before_ && now > before_at_) {
    report(sink, 0, before_->received_bytes, traffic->received_bytes, now - before_at_);
    report(sink, 1, before_->sent_bytes, traffic->sent_bytes, now - before_at_);
  }
  before_ = traffic;
  before_at_ = now;
}

}  // namespace signalbox::drivers
