#include "drivers/ina219.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>

namespace signalbox::drivers {
namespace {

// The places of the settings.
constexpr std::size_t kShuntOhms = 2;
constexpr std::size_t kMaxAmperes = 3;
constexpr std::size_t kAverages = 4;
constexpr std::size_t kIna219Period = 5;

// The ports.
constexpr std::uint8_t kVoltage = 0;
constexpr std::uint8_t kCurrent = 1;
constexpr std::uint8_t kPower = 2;

// Registers (section 8.6.1, table 2).
constexpr std::uint8_t kConfigurationRegister = 0x00;
constexpr std::uint8_t kBusVoltageRegister = 0x02;
constexpr std::uint8_t kPowerRegister = 0x03;
constexpr std::uint8_t kCurrentRegister = 0x04;
constexpr std::uint8_t kCalibrationRegister = 0x05;

// Configuration register (8.6.2.1).
constexpr unsigned kBrng32V = 1U << 13U;
constexpr unsigned kPgShift = 11;
constexpr unsigned kBadcShift = 7;
constexpr unsigned kSadcShift = 3;
constexpr unsigned kModeShuntAndBus = 7;  // continuous
/// BADC and SADC (table 5): 12 bits, an average of 2 to the power of the lower three bits. One conversion has
/// two codes; the other one is that of the reset value, which so is never ours.
constexpr unsigned kAveraged = 8;
constexpr Duration kOneConversion{586};  // 12 bits, at most (section 7.5)

// Bus voltage register (8.6.3.2).
constexpr std::uint16_t kCnvr = 0x02;
constexpr std::uint16_t kOvf = 0x01;

constexpr std::array kPgaVolts{0.04, 0.08, 0.16, 0.32};  // PG 0 to 3 (table 4)
constexpr double kShuntLsb = 0.00001;                    // 8.6.3.1, in all of them
constexpr double kCalibrationScale = 0.04096;            // equation 1
constexpr double kCurrentScale = 4096.0;                 // equation 4
constexpr double kFullScale = 32768.0;                   // equation 2

constexpr int kIna219AsksMax = 5;  // for a conversion that is late

}  // namespace

Ina219::Ina219(const device::PartSetup& setup)
    : I2cChip{setup, kIna219Ports.size(), setup.settings.period(kIna219Period)},
      shunt_ohms_{setup.settings.number(kShuntOhms)},
      amperes_max_{setup.settings.number(kMaxAmperes)},
      averages_{static_cast<int>(setup.settings.number(kAverages))} {}

Result<void> Ina219::open() {
  const double volts = amperes_max_ > 0.0 ? amperes_max_ * shunt_ohms_ : kPgaVolts.back();
  const double* range = std::lower_bound(kPgaVolts.begin(), kPgaVolts.end(), volts * (1.0 - 1e-9));
  if (range == kPgaVolts.end())
    return Error{Reason::out_of_range,
                 format_text<95>("%.4g A through %.4g ohms make %.4g V; the INA219 takes 0.32 V",
                                 amperes_max_, shunt_ohms_, volts)};
  const auto pg = static_cast<unsigned>(range - kPgaVolts.begin());
  const unsigned adc =
      kAveraged | static_cast<unsigned>(std::bit_width(static_cast<unsigned>(averages_)) - 1);
  configuration_ = static_cast<std::uint16_t>(kBrng32V | pg << kPgShift | adc << kBadcShift |
                                              adc << kSadcShift | kModeShuntAndBus);
  calibration_ = calibration(*range / shunt_ohms_ / kFullScale, shunt_ohms_);
  clipped_ = static_cast<int>(std::round(*range / kShuntLsb) * calibration_ / kCurrentScale);
  return I2cChip::open();
}

std::uint16_t Ina219::calibration(double lsb, double shunt_ohms) {
  const double exact = std::trunc(kCalibrationScale / (lsb * shunt_ohms) + 1e-6);
  return static_cast<std::uint16_t>(static_cast<unsigned>(std::min(exact, 65535.0)) & ~1U);
}

Duration Ina219::conversion() const { return 2 * averages_ * kOneConversion; }

void Ina219::do_begin(bool afresh) {
  is_known_ = !afresh;
  stage_ = Stage::check;
  read(kConfigurationRegister, 2);
}

void Ina219::do_go_on(device::ReadingSink& sink) {
  switch (stage_) {
    case Stage::check:
    case Stage::confirmation: return check_configuration();
    case Stage::calibration:
      stage_ = Stage::configuration;
      return write_word(kConfigurationRegister, configuration_);
    case Stage::configuration:
      stage_ = Stage::confirmation;
      is_known_ = true;
      return read(kConfigurationRegister, 2);
    case Stage::bus: return take_bus(sink);
    case Stage::current: return take_current(sink);
    case Stage::power: return;  // it was read to end what CNVR tells (8.6.3.2)
  }
}

/// One that lost its supply has its reset value, 399Fh, and no calibration.
void Ina219::check_configuration() {
  if (is_known_ && answer_word() == configuration_) {
    asked_ = 0;
    return ask_bus(stage_ == Stage::check ? Duration{} : conversion());
  }
  if (stage_ == Stage::confirmation)
    return fail(
        format_text<95>("its configuration reads as 0x%04x after 0x%04x was written: is it an INA219?",
                        answer_word(), configuration_));
  stage_ = Stage::calibration;
  write_word(kCalibrationRegister, calibration_);
}

void Ina219::ask_bus(Duration after) {
  stage_ = Stage::bus;
  ++asked_;
  read(kBusVoltageRegister, 2, after);
}

void Ina219::take_bus(device::ReadingSink& sink) {
  const std::uint16_t word = answer_word();
  if ((word & kCnvr) == 0) {  // nothing new since the last reading
    if (asked_ == kIna219AsksMax) return fail("its conversions do not end");
    return ask_bus(conversion());
  }
  volts_ = bus_volts(word);
  overflows_ = (word & kOvf) != 0;
  sink.reading(kVoltage, volts_);
  stage_ = Stage::current;
  read(kCurrentRegister, 2);
}

void Ina219::take_current(device::ReadingSink& sink) {
  const auto steps = static_cast<std::int16_t>(answer_word());
  if (overflows_ || std::abs(static_cast<int>(steps)) >= clipped_) {
    sink.fault(kCurrent, "more than its range");
    sink.fault(kPower, "more than its range");
  } else {
    // The step that the calibration makes, which is not quite the one it was made for. The power register
    // would tell the same power in coarser steps, and not which way it flows.
    const double amperes = steps * (kCalibrationScale / (calibration_ * shunt_ohms_));
    sink.reading(kCurrent, amperes);
    sink.reading(kPower, amperes * volts_);
  }
  stage_ = Stage::power;
  read(kPowerRegister, 2);
}

}  // namespace signalbox::drivers
