#include "sim/hal/host.hpp"

#include <cmath>

namespace signalbox::sim {
namespace {

constexpr std::uint64_t kTotalBytes = 1024ULL * 1024 * 1024;

/// Between 0 and 1, once up and down in `period` seconds.
double swing(double seconds, double period) {
  return 0.5 - 0.5 * std::cos(6.283185307179586 * std::fmod(seconds, period) / period);
}

}  // namespace

std::optional<double> Host::do_load() { return 0.1 + 0.9 * swing(seconds(), 300.0); }

std::optional<hal::Host::Memory> Host::do_memory() {
  const double available = 0.6 + 0.1 * swing(seconds(), 600.0);
  return Memory{kTotalBytes, static_cast<std::uint64_t>(available * static_cast<double>(kTotalBytes))};
}

std::optional<hal::Host::Traffic> Host::do_traffic() {
  const double total = seconds() * 1200.0 + 9000.0 * swing(seconds(), 60.0);
  return Traffic{static_cast<std::uint64_t>(total + 90000.0),
                 static_cast<std::uint64_t>(total * 2 + 90000.0)};
}

std::optional<double> Host::do_temperature(std::string_view zone) {
  if (zone != "any" && zone != "cpu-thermal") return std::nullopt;
  return 42.0 + 6.0 * swing(seconds(), 300.0);
}

}  // namespace signalbox::sim
