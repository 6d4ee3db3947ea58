#include "sim/twins/bme280.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace signalbox::sim::twins {
namespace {

// Section 5.3: the memory map.
constexpr std::size_t kCalibFirst = 0x88;
constexpr std::size_t kCalibSecond = 0xE1;
constexpr std::size_t kIdRegister = 0xD0;
constexpr std::uint8_t kResetRegister = 0xE0;
constexpr std::uint8_t kResetWord = 0xB6;
constexpr std::uint8_t kCtrlHumRegister = 0xF2;
constexpr std::size_t kStatusRegister = 0xF3;
constexpr std::uint8_t kCtrlMeasRegister = 0xF4;
constexpr std::uint8_t kConfigRegister = 0xF5;
constexpr std::size_t kPressRegister = 0xF7;
constexpr std::size_t kTempRegister = 0xFA;
constexpr std::size_t kHumRegister = 0xFD;

// Parameters: dig_T1 to dig_T3, dig_P1 to dig_P9, dig_H1 to dig_H6.
constexpr std::array<std::int64_t, 3> kDigT{27504, 26435, -1000};
constexpr std::array<std::int64_t, 9> kDigP{36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000};
constexpr std::array<std::int64_t, 6> kDigH{75, 362, 0, 315, 50, 30};

// The compensation formulas in whole numbers (section 4.2.3).
std::int64_t fine_temperature(std::int64_t adc) {
  const std::int64_t straight = (adc / 8 - kDigT[0] * 2) * kDigT[1] >> 11;
  const std::int64_t above = adc / 16 - kDigT[0];
  return straight + ((above * above >> 12) * kDigT[2] >> 14);
}

double celsius_of(std::int64_t adc) {
  return static_cast<double>((fine_temperature(adc) * 5 + 128) >> 8) / 100.0;
}

double hectopascals_of(std::int64_t fine, std::int64_t adc) {
  const std::int64_t t = fine - 128000;
  const std::int64_t offset = t * t * kDigP[5] + (t * kDigP[4] << 17) + (kDigP[3] << 35);
  const std::int64_t bend = (t * t * kDigP[2] >> 8) + (t * kDigP[1] << 12);
  const std::int64_t slope = ((std::int64_t{1} << 47) + bend) * kDigP[0] >> 33;
  const std::int64_t p = (((1048576 - adc) << 31) - offset) * 3125 / slope;
  const std::int64_t square = kDigP[8] * (p >> 13) * (p >> 13) >> 25;
  const std::int64_t line = kDigP[7] * p >> 19;
  return static_cast<double>(((p + square + line) >> 8) + kDigP[6] * 16) / 256.0 / 100.0;
}

double humidity_of(std::int64_t fine, std::int64_t adc) {
  const std::int64_t t = fine - 76800;
  const std::int64_t above = ((adc << 14) - (kDigH[3] << 20) - kDigH[4] * t + 16384) >> 15;
  const std::int64_t by_temperature = ((t * kDigH[5] >> 10) * ((t * kDigH[2] >> 11) + 32768) >> 10) + 2097152;
  std::int64_t v = above * ((by_temperature * kDigH[1] + 8192) >> 14);
  v -= ((v >> 15) * (v >> 15) >> 7) * kDigH[0] >> 4;
  return static_cast<double>(std::clamp(v, std::int64_t{0}, std::int64_t{419430400}) >> 12) / 1024.0;
}

/// The smallest `adc` below `end` at which `reached` is true, or the last one.
template <typename Reached>
std::uint32_t first_adc(std::uint32_t end, Reached reached) {
  std::uint32_t low = 0;
  std::uint32_t high = end - 1;
  while (low < high) {
    const std::uint32_t middle = (low + high) / 2;
    (reached(middle) ? high : low) = reached(middle) ? middle : middle + 1;
  }
  return low;
}

/// How often, by osrs (5.4.3, 5.4.5).
int times(unsigned osrs) { return osrs == 0 ? 0 : 1 << std::min(osrs - 1, 4U); }

/// Typical times in μs (section 9.1).
Duration time_of(unsigned osrs_t, unsigned osrs_p, unsigned osrs_h) {
  const auto with = [](unsigned osrs) { return osrs == 0 ? 0 : 2000 * times(osrs) + 500; };
  return Duration{1000 + 2000 * times(osrs_t) + with(osrs_p) + with(osrs_h)};
}

/// 20 bits, of which as many count as oversampling gives: 16, and one more each time it doubles (3.4).
void put_twenty(std::uint8_t* at, std::uint32_t adc, unsigned osrs) {
  if (osrs == 0) adc = 0x80000;
  if (osrs > 0 && osrs < 5) adc &= ~((1U << (5U - osrs)) - 1U);
  at[0] = static_cast<std::uint8_t>(adc >> 12U);
  at[1] = static_cast<std::uint8_t>(adc >> 4U);
  at[2] = static_cast<std::uint8_t>(adc << 4U);
}

}  // namespace

Bme280::Bme280(std::function<Air()> air) : air_{std::move(air)} {
  memory_[kIdRegister] = 0x60;
  std::uint8_t* at = memory_.data() + kCalibFirst;
  const auto put_word = [&at](std::int64_t word) {
    *at++ = static_cast<std::uint8_t>(word);
    *at++ = static_cast<std::uint8_t>(word >> 8);
  };
  for (const std::int64_t word : kDigT) put_word(word);
  for (const std::int64_t word : kDigP) put_word(word);
  memory_[0xA1] = static_cast<std::uint8_t>(kDigH[0]);
  at = memory_.data() + kCalibSecond;
  put_word(kDigH[1]);
  *at++ = static_cast<std::uint8_t>(kDigH[2]);
  *at++ = static_cast<std::uint8_t>(kDigH[3] >> 4);
  *at++ = static_cast<std::uint8_t>((kDigH[3] & 15) | (kDigH[4] & 15) << 4);
  *at++ = static_cast<std::uint8_t>(kDigH[4] >> 4);
  *at++ = static_cast<std::uint8_t>(kDigH[5]);
  lose_power();
}

void Bme280::lose_power() {
  std::fill(memory_.begin() + kCtrlHumRegister, memory_.end(), std::uint8_t{0});
  put_twenty(&memory_[kPressRegister], 0x80000, 0);
  put_twenty(&memory_[kTempRegister], 0x80000, 0);
  memory_[kHumRegister] = 0x80;
  pointer_ = 0;
  ctrl_hum_ = 0;
  ends_ = kNever;
}

bool Bme280::do_write(Instant at, std::span<const std::uint8_t> bytes) {
  finish(at);
  if (bytes.size() % 2 != 0) pointer_ = bytes.back();
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2)
    write_register(at, bytes[i], bytes[i + 1]);  // 6.2.1: pairs
  return true;
}

bool Bme280::do_read(Instant at, std::span<std::uint8_t> bytes) {
  finish(at);
  for (std::uint8_t& byte : bytes) byte = memory_[pointer_++];
  return true;
}

void Bme280::write_register(Instant at, std::uint8_t number, std::uint8_t value) {
  if (number == kResetRegister && value == kResetWord) lose_power();
  if (number == kCtrlHumRegister || number == kConfigRegister) memory_[number] = value;
  if (number != kCtrlMeasRegister) return;
  memory_[number] = value;
  ctrl_hum_ = memory_[kCtrlHumRegister] & 7U;
  const unsigned mode = value & 3U;
  if ((mode == 1 || mode == 2) && ends_ == kNever) start(at);
}

void Bme280::start(Instant at) {
  const unsigned ctrl = memory_[kCtrlMeasRegister];
  ends_ = at + time_of(ctrl >> 5U & 7U, ctrl >> 2U & 7U, ctrl_hum_);
  memory_[kStatusRegister] = 0x08;
}

void Bme280::finish(Instant at) {
  if (at < ends_) return;
  ends_ = kNever;
  memory_[kStatusRegister] = 0;
  std::uint8_t& ctrl = memory_[kCtrlMeasRegister];
  const Air air = air_();
  const std::uint32_t adc_t =
      first_adc(1U << 20U, [&](std::int64_t adc) { return celsius_of(adc) >= air.celsius; });
  const std::int64_t fine = fine_temperature(adc_t);
  const std::uint32_t adc_p =
      first_adc(1U << 20U, [&](std::int64_t adc) { return hectopascals_of(fine, adc) <= air.hectopascals; });
  const std::uint32_t adc_h =
      first_adc(1U << 16U, [&](std::int64_t adc) { return humidity_of(fine, adc) >= air.humidity_percent; });
  put_twenty(&memory_[kTempRegister], adc_t, ctrl >> 5U & 7U);
  put_twenty(&memory_[kPressRegister], adc_p, ctrl >> 2U & 7U);
  memory_[kHumRegister] = ctrl_hum_ == 0 ? 0x80 : static_cast<std::uint8_t>(adc_h >> 8U);
  memory_[kHumRegister + 1] = ctrl_hum_ == 0 ? 0x00 : static_cast<std::uint8_t>(adc_h);
  ctrl &= 0xFCU;  // it sleeps again (3.3.3)
}

}  // namespace signalbox::sim::twins
