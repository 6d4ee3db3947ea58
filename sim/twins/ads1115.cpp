#include "sim/twins/ads1115.hpp"

#include <algorithm>
#include <cmath>

namespace signalbox::sim::twins {
namespace {

constexpr std::uint8_t kAds1115Conversion = 0;
constexpr std::uint8_t kAds1115Config = 1;
constexpr std::uint16_t kAds1115Idle = 0x8000;                                                // OS
constexpr std::array kAds1115Ranges{6.144, 4.096, 2.048, 1.024, 0.512, 0.256, 0.256, 0.256};  // by PGA
constexpr std::array kAds1115Rates{8, 16, 32, 64, 128, 250, 475, 860};                        // by DR
constexpr Duration kWakingUp{25};

}  // namespace

void Ads1115::lose_power() {
  registers_ = kReset;
  pointer_ = 0;
  ends_ = kNever;
}

bool Ads1115::do_write(Instant at, std::span<const std::uint8_t> bytes) {
  finish(at);
  if (bytes.empty()) return true;
  pointer_ = bytes[0] & 0x03U;
  if (bytes.size() < 3 || pointer_ == kAds1115Conversion) return true;
  const auto word = static_cast<std::uint16_t>(bytes[1] << 8U | bytes[2]);
  if (pointer_ != kAds1115Config) {
    registers_[pointer_] = word;
    return true;
  }
  const bool starts = ends_ == kNever && (word & kAds1115Idle) != 0;
  registers_[kAds1115Config] = word & static_cast<std::uint16_t>(~kAds1115Idle);
  if (starts) ends_ = at + kWakingUp + Duration{1'000'000 / kAds1115Rates[word >> 5U & 7U]};
  return true;
}

bool Ads1115::do_read(Instant at, std::span<std::uint8_t> bytes) {
  finish(at);
  std::uint16_t word = registers_[pointer_];
  if (pointer_ == kAds1115Config && ends_ == kNever) word |= kAds1115Idle;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(i % 2 == 0 ? word >> 8U : word & 0xFFU);
  return true;
}

void Ads1115::finish(Instant at) {
  if (at < ends_) return;
  ends_ = kNever;
  const double range = kAds1115Ranges[registers_[kAds1115Config] >> 9U & 7U];
  const double steps = std::clamp(std::round(input_volts() / range * 32768.0), -32768.0, 32767.0);
  registers_[kAds1115Conversion] = static_cast<std::uint16_t>(static_cast<int>(steps));
}

/// What MUX connects.
double Ads1115::input_volts() const {
  switch (registers_[kAds1115Config] >> 12U & 7U) {
    case 0: return pins_[0]() - pins_[1]();
    case 1: return pins_[0]() - pins_[3]();
    case 2: return pins_[1]() - pins_[3]();
    case 3: return pins_[2]() - pins_[3]();
    case 4: return pins_[0]();
    case 5: return pins_[1]();
    case 6: return pins_[2]();
    default: return pins_[3]();
  }
}

}  // namespace signalbox::sim::twins
