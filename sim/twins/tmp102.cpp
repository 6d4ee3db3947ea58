#include "sim/twins/tmp102.hpp"

#include <algorithm>
#include <cmath>

namespace signalbox::sim::twins {
namespace {

constexpr std::uint8_t kTemperature = 0;
constexpr std::uint16_t kExtended = 0x0010;  // EM in the configuration register: 13 bits
constexpr Duration kConversionPeriod = from_ms(250);
constexpr double kDegreesPerBit = 0.0625;

}  // namespace

bool Tmp102::do_write(Instant at, std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return true;
  pointer_ = bytes[0] & 0x03U;
  if (bytes.size() >= 3 && pointer_ != kTemperature) {
    registers_[pointer_] = static_cast<std::uint16_t>(bytes[1] << 8U | bytes[2]);
    converted_at_ = Instant::min();
  }
  convert(at);
  return true;
}

bool Tmp102::do_read(Instant at, std::span<std::uint8_t> bytes) {
  convert(at);
  const std::uint16_t word = registers_[pointer_];
  for (std::size_t i = 0; i < bytes.size(); ++i)  // high byte first; reading on repeats the register
    bytes[i] = static_cast<std::uint8_t>(i % 2 == 0 ? word >> 8U : word & 0xFFU);
  return true;
}

void Tmp102::convert(Instant at) {
  if (converted_at_ != Instant::min() && at - converted_at_ < kConversionPeriod) return;
  converted_at_ = at;
  const bool extended = (registers_[1] & kExtended) != 0;
  const double limit = extended ? 4095.0 : 2047.0;
  const double steps = std::clamp(std::floor(celsius_() / kDegreesPerBit), -limit - 1.0, limit);
  const auto shifted = static_cast<int>(steps) * (extended ? 8 : 16);
  registers_[kTemperature] = static_cast<std::uint16_t>(shifted | (extended ? 1 : 0));
}

}  // namespace signalbox::sim::twins
