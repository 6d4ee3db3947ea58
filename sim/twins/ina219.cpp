#include "sim/twins/ina219.hpp"

#include <algorithm>
#include <cmath>

namespace signalbox::sim::twins {
namespace {

constexpr std::uint16_t kConversionReady = 0x0002;
constexpr std::uint16_t kMathOverflow = 0x0001;
constexpr unsigned kContinuous = 7;  // MODE: shunt and bus, all the time

/// By the code in BADC and SADC (table 5).
constexpr std::array kAdcTimes{84,  148,  276,  532,  84,   148,   276,   532,
                               532, 1060, 2130, 4260, 8510, 17020, 34050, 68100};

}  // namespace

void Ina219::lose_power() {
  registers_ = kReset;
  pointer_ = 0;
}

Duration Ina219::conversion() const {
  const unsigned word = registers_[configuration];
  return Duration{kAdcTimes[word >> 7U & 15U] + kAdcTimes[word >> 3U & 15U]};
}

bool Ina219::do_write(Instant at, std::span<const std::uint8_t> bytes) {
  convert(at);
  if (bytes.empty()) return true;
  pointer_ = static_cast<std::uint8_t>(bytes[0] % registers_.size());
  if (bytes.size() < 3 || forgets_) return true;
  const auto word = static_cast<std::uint16_t>(bytes[1] << 8U | bytes[2]);
  if (pointer_ == calibration) registers_[calibration] = word & 0xFFFEU;
  if (pointer_ != configuration) return true;
  if ((word & 0x8000U) != 0) {  // RST
    lose_power();
  } else {
    registers_[configuration] = word;
    registers_[bus_voltage] &= static_cast<std::uint16_t>(~kConversionReady);
  }
  began_ = at;
  return true;
}

bool Ina219::do_read(Instant at, std::span<std::uint8_t> bytes) {
  convert(at);
  const std::uint16_t word = registers_[pointer_];
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(i % 2 == 0 ? word >> 8U : word & 0xFFU);
  if (pointer_ == power) registers_[bus_voltage] &= static_cast<std::uint16_t>(~kConversionReady);
  return true;
}

void Ina219::convert(Instant at) {
  if ((registers_[configuration] & 7U) != kContinuous || at - began_ < conversion()) return;
  began_ = at - (at - began_) % conversion();
  measure();
}

void Ina219::measure() {
  const unsigned word = registers_[configuration];
  const double shunt_most = 4000.0 * (1U << (word >> 11U & 3U));    // PG: 40 to 320 mV in steps of 10 μV
  const double bus_most = (word & 0x2000U) != 0 ? 8000.0 : 4000.0;  // BRNG: 32 or 16 V in steps of 4 mV
  const int shunt = static_cast<int>(std::clamp(std::round(shunt_volts_() * 1e5), -shunt_most, shunt_most));
  const int bus = static_cast<int>(std::clamp(std::round(bus_volts_() * 250.0), 0.0, bus_most));
  const int amperes = shunt * static_cast<int>(registers_[calibration]) / 4096;  // equation 4
  const auto watts = static_cast<std::int64_t>(std::abs(amperes)) * bus / 5000;  // equation 5
  const bool overflows = std::abs(amperes) > 32767 || watts > 65535;
  registers_[shunt_voltage] = static_cast<std::uint16_t>(shunt);
  registers_[bus_voltage] =
      static_cast<std::uint16_t>(bus * 8 + kConversionReady + (overflows ? kMathOverflow : 0));
  registers_[current] = static_cast<std::uint16_t>(amperes);
  registers_[power] = static_cast<std::uint16_t>(watts);
}

}  // namespace signalbox::sim::twins
