#include "drivers/bme280.hpp"

#include <algorithm>
#include <bit>

namespace signalbox::drivers {
namespace {

// The places of the settings.
constexpr std::size_t kOversampling = 2;
constexpr std::size_t kBme280Period = 3;

// The ports.
constexpr std::uint8_t kTemperature = 0;
constexpr std::uint8_t kHumidity = 1;
constexpr std::uint8_t kPressure = 2;

// Registers (section 5.4).
constexpr std::uint8_t kCalib00 = 0x88;
constexpr std::uint8_t kId = 0xD0;
constexpr std::uint8_t kCalib26 = 0xE1;
constexpr std::uint8_t kCtrlHum = 0xF2;
constexpr std::uint8_t kStatus = 0xF3;
constexpr std::uint8_t kCtrlMeas = 0xF4;

constexpr std::uint8_t kBme280Id = 0x60;    // 5.4.1
constexpr std::uint8_t kMeasuring = 0x08;   // 5.4.4
constexpr std::uint8_t kModeForced = 0x01;  // 5.4.5
constexpr std::uint8_t kNoMode = 0xFC;      // what ctrl_meas is without its mode, which ends by itself

// From status to hum_lsb in one burst, so that the results are of one measurement (4.1); and what lies where
// in it.
constexpr std::uint8_t kResultBytes = 12;
constexpr std::size_t kPress = 4;
constexpr std::size_t kTemp = 7;
constexpr std::size_t kHum = 10;

// What the results are where nothing was measured since power-on (5.4.7 to 5.4.9).
constexpr std::uint32_t kNoPressOrTemp = 0x80000;
constexpr std::uint16_t kNoHum = 0x8000;

constexpr int kBme280AsksMax = 5;  // for results that are late
constexpr Duration kAskAgain = from_ms(2);

std::uint16_t unsigned_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] | bytes[at + 1] << 8U);
}
std::int16_t signed_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::int16_t>(unsigned_at(bytes, at));
}
/// The four bits that are left of a byte, and above them another byte.
std::int16_t twelve_bits(std::uint8_t high, unsigned low) {
  return static_cast<std::int16_t>(static_cast<std::int8_t>(high) * 16 + static_cast<int>(low));
}
/// msb, lsb, and the upper half of xlsb (5.4.7).
std::uint32_t twenty_bits(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint32_t>(bytes[at] << 12U | bytes[at + 1] << 4U | bytes[at + 2] >> 4U);
}

/// What else has a register of that number, at these addresses.
const char* name_of(std::uint8_t id) {
  switch (id) {
    case 0x55: return ", which is a BMP180: it has no humidity, and is read in another way";
    case 0x56:
    case 0x57:
    case 0x58: return ", which is a BMP280: it has no humidity";
    case 0x61: return ", which is a BME680: it is read in another way";
    default: return "";
  }
}

}  // namespace

Bme280::Bme280(const device::PartSetup& setup)
    : I2cChip{setup, kBme280Ports.size(), setup.settings.period(kBme280Period)},
      oversampling_{static_cast<int>(setup.settings.number(kOversampling))} {}

void Bme280::do_begin(bool afresh) {
  if (!afresh) return measure();
  stage_ = Stage::id;
  read(kId, 1);
}

void Bme280::do_go_on(device::ReadingSink& sink) {
  switch (stage_) {
    case Stage::id: return check_id(answer()[0]);
    case Stage::first:
      take_first(trimming_, answer().first<kFirstBytes>());
      stage_ = Stage::second;
      return read(kCalib26, kSecondBytes);
    case Stage::second: take_second(trimming_, answer().first<kSecondBytes>()); return measure();
    case Stage::ctrl_hum:
      stage_ = Stage::ctrl_meas;
      return write(kCtrlMeas, {static_cast<std::uint8_t>(ctrl_meas() | kModeForced)});
    case Stage::ctrl_meas:
      stage_ = Stage::results;
      asked_ = 1;
      return read(kStatus, kResultBytes, longest_measurement(oversampling_));
    case Stage::results: return take_results(sink);
  }
}

void Bme280::check_id(std::uint8_t id) {
  if (id != kBme280Id)
    return fail(format_text<95>("found chip id 0x%02x%s; a BME280 has 0x60", id, name_of(id)));
  stage_ = Stage::first;
  read(kCalib00, kFirstBytes);
}

/// ctrl_hum counts from the next write of ctrl_meas on (5.4.3), which also begins the measurement.
void Bme280::measure() {
  stage_ = Stage::ctrl_hum;
  write(kCtrlHum, {static_cast<std::uint8_t>(ctrl_meas() >> 5U)});
}

/// osrs_t and osrs_p (5.4.5): 1 stands for once, 2 for twice, 3 for four times and so on.
std::uint8_t Bme280::ctrl_meas() const {
  const auto osrs = static_cast<unsigned>(std::bit_width(static_cast<unsigned>(oversampling_)));
  return static_cast<std::uint8_t>(osrs << 5U | osrs << 2U);
}

void Bme280::take_results(device::ReadingSink& sink) {
  const std::span<const std::uint8_t> bytes = answer();
  if ((bytes[0] & kMeasuring) != 0) {
    if (asked_++ == kBme280AsksMax) return fail("its measurement does not end");
    return read(kStatus, kResultBytes, kAskAgain);
  }
  const std::uint32_t adc_p = twenty_bits(bytes, kPress);
  const std::uint32_t adc_t = twenty_bits(bytes, kTemp);
  const auto adc_h = static_cast<std::uint16_t>(bytes[kHum] << 8U | bytes[kHum + 1]);
  const bool lost_settings = (bytes[kCtrlMeas - kStatus] & kNoMode) != ctrl_meas();
  if (lost_settings || (adc_p == kNoPressOrTemp && adc_t == kNoPressOrTemp && adc_h == kNoHum))
    return fail("it did not measure: see to its supply");
  const double fine = t_fine(trimming_, adc_t);
  const std::optional<double> pressure = hectopascals(trimming_, fine, adc_p);
  if (!pressure) return fail("its compensation parameters make no sense");
  sink.reading(kTemperature, celsius(fine));
  sink.reading(kHumidity, humidity_percent(trimming_, fine, adc_h));
  sink.reading(kPressure, *pressure);
}

void Bme280::take_first(Trimming& trimming, std::span<const std::uint8_t, kFirstBytes> calib) {
  trimming.dig_t1 = unsigned_at(calib, 0);
  trimming.dig_t2 = signed_at(calib, 2);
  trimming.dig_t3 = signed_at(calib, 4);
  trimming.dig_p1 = unsigned_at(calib, 6);
  std::size_t at = 8;
  for (std::int16_t* word : {&trimming.dig_p2, &trimming.dig_p3, &trimming.dig_p4, &trimming.dig_p5,
                             &trimming.dig_p6, &trimming.dig_p7, &trimming.dig_p8, &trimming.dig_p9}) {
    *word = signed_at(calib, at);
    at += 2;
  }
  trimming.dig_h1 = calib[25];  // 0xA1; 0xA0 is nothing
}

void Bme280::take_second(Trimming& trimming, std::span<const std::uint8_t, kSecondBytes> calib) {
  trimming.dig_h2 = signed_at(calib, 0);
  trimming.dig_h3 = calib[2];
  trimming.dig_h4 = twelve_bits(calib[3], calib[4] & 0x0FU);
  trimming.dig_h5 = twelve_bits(calib[5], calib[4] >> 4U);
  trimming.dig_h6 = static_cast<std::int8_t>(calib[6]);
}

double Bme280::t_fine(const Trimming& its, std::uint32_t adc_t) {
  const double above = adc_t / 16384.0 - its.dig_t1 / 1024.0;
  return above * its.dig_t2 + above / 8.0 * (above / 8.0) * its.dig_t3;
}

std::optional<double> Bme280::hectopascals(const Trimming& its, double t_fine, std::uint32_t adc_p) {
  const double t = t_fine / 2.0 - 64000.0;
  const double offset = (t * t * its.dig_p6 / 32768.0 + 2.0 * t * its.dig_p5) / 4.0 + its.dig_p4 * 65536.0;
  const double slope =
      (1.0 + (its.dig_p3 * t * t / 524288.0 + its.dig_p2 * t) / 524288.0 / 32768.0) * its.dig_p1;
  if (slope == 0.0) return std::nullopt;
  const double p = (1048576.0 - adc_p - offset / 4096.0) * 6250.0 / slope;
  const double pascals =
      p + (its.dig_p9 * p * p / 2147483648.0 + p * its.dig_p8 / 32768.0 + its.dig_p7) / 16.0;
  return pascals / 100.0;
}

double Bme280::humidity_percent(const Trimming& its, double t_fine, std::uint16_t adc_h) {
  const double t = t_fine - 76800.0;
  const double above = adc_h - (its.dig_h4 * 64.0 + its.dig_h5 / 16384.0 * t);
  const double by_temperature = 1.0 + its.dig_h6 / 67108864.0 * t * (1.0 + its.dig_h3 / 67108864.0 * t);
  const double straight = above * (its.dig_h2 / 65536.0 * by_temperature);
  return std::clamp(straight * (1.0 - its.dig_h1 * straight / 524288.0), 0.0, 100.0);
}

Duration Bme280::longest_measurement(int oversampling) {
  constexpr std::int64_t kStart = 1250;   // μs
  constexpr std::int64_t kSample = 2300;  // for each, of temperature, pressure and humidity
  constexpr std::int64_t kExtra = 575;    // for pressure, and for humidity
  return Duration{kStart + 3 * kSample * oversampling + 2 * kExtra};
}

}  // namespace signalbox::drivers
