#include "drivers/lm75.hpp"

namespace signalbox::drivers {
namespace {

// The places of the settings.
constexpr std::size_t kLm75Bits = 2;
constexpr std::size_t kLm75Period = 3;

constexpr std::uint8_t kLm75TemperatureRegister = 0x00;
constexpr double kStepsPerCelsius = 256.0;  // the high byte counts degrees

}  // namespace

Lm75::Lm75(const device::PartSetup& setup)
    : I2cChip{setup, kLm75Ports.size(), setup.settings.period(kLm75Period)},
      bits_{static_cast<unsigned>(setup.settings.number(kLm75Bits))} {}

void Lm75::do_begin(bool /*afresh*/) { read(kLm75TemperatureRegister, 2); }

void Lm75::do_go_on(device::ReadingSink& sink) { sink.reading(0, celsius(answer_word(), bits_)); }

double Lm75::celsius(std::uint16_t temperature, unsigned bits) {
  const unsigned told = temperature & (0xFFFFU << (16U - bits));
  return static_cast<std::int16_t>(told) / kStepsPerCelsius;
}

}  // namespace signalbox::drivers
