#include "drivers/tmp102.hpp"

namespace signalbox::drivers {
namespace {

constexpr std::size_t kTmp102Period = 2;  // the place of the setting

constexpr std::uint8_t kTmp102TemperatureRegister = 0x00;
constexpr double kCelsiusPerStep = 0.0625;

}  // namespace

Tmp102::Tmp102(const device::PartSetup& setup)
    : I2cChip{setup, kTmp102Ports.size(), setup.settings.period(kTmp102Period)} {}

void Tmp102::do_begin(bool /*afresh*/) { read(kTmp102TemperatureRegister, 2); }

void Tmp102::do_go_on(device::ReadingSink& sink) { sink.reading(0, celsius(answer_word())); }

double Tmp102::celsius(std::uint16_t temperature) {
  const bool is_extended = (temperature & 1U) != 0;  // 13 bits instead of 12
  return kCelsiusPerStep * (static_cast<std::int16_t>(temperature) >> (is_extended ? 3 : 4));
}

}  // namespace signalbox::drivers
