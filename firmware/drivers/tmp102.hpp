#pragma once

#include <array>

#include "device/cadence.hpp"
#include "device/part_kind.hpp"
#include "hal/i2c_bus.hpp"

namespace signalbox::drivers {

/// Texas Instruments TMP102 temperature sensor (data sheet SBOS397), -55 to 128 °C in steps of 0.0625 °C.
/// After power-up it converts four times a second; reading takes its last conversion.
class Tmp102 final : public device::Sensor {
 public:
  explicit Tmp102(const device::PartSetup& setup);
  Result<void> open();

  /// Degrees Celsius from the two bytes of the temperature register (section 6.5.2 of the data sheet).
  static double celsius(std::uint8_t high, std::uint8_t low);

 private:
  Instant do_step(Instant now, device::ReadingSink& sink) override;
  bool do_is_quiet() const override { return transfer_.completion != hal::Completion::pending; }
  void take(Instant now, device::ReadingSink& sink);

  hal::I2cBus* bus_ = nullptr;
  device::Cadence cadence_;
  hal::I2cTransfer transfer_{};
};

inline constexpr std::array kTmp102Settings{
    device::SettingSpec{.name = "bus",
                        .kind = device::SettingSpec::Kind::integer,
                        .help = "number of the I2C bus",
                        .min = 0.0,
                        .max = 15.0,
                        .required = true},
    device::SettingSpec{.name = "address",
                        .kind = device::SettingSpec::Kind::integer,
                        .help = "72 to 75, by its ADD0 pin",
                        .min = 72.0,
                        .max = 75.0,
                        .fallback = 72.0},
    device::period_setting(1000),
};
inline constexpr std::array kTmp102Ports{
    device::PortSpec{.name = "temperature", .unit = "Cel", .min = -55.0, .max = 128.0},
};
inline constexpr device::PartKind kTmp102{.name = "tmp102",
                                          .help = "I2C temperature sensor TMP102",
                                          .settings = kTmp102Settings,
                                          .ports = kTmp102Ports,
                                          .construct = &device::construct_part<Tmp102>};

}  // namespace signalbox::drivers
