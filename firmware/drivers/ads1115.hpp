#pragma once

#include <array>

#include "drivers/i2c_chip.hpp"

namespace signalbox::drivers {

/// Texas Instruments ADS1115 (data sheet SBAS444; sections by name, for their numbers differ between
/// revisions): a converter of 16 bits with four inputs, in single-shot mode: one input after the other is
/// converted, and it sleeps in between. The channels' calibration makes of the volts what the sensors behind
/// it mean.
class Ads1115 final : public I2cChip {
 public:
  static constexpr std::size_t kInputs = 4;

  explicit Ads1115(const device::PartSetup& setup);

  /// Whether it names inputs that are measured against others: `0-1`, `0-3`, `1-3`, `2-3`, joined by commas,
  /// each first input once, rising.
  static bool are_pairs(std::string_view text);
  /// The word that starts a conversion of that input ("Config Register").
  static std::uint16_t config(std::size_t input, std::string_view pairs, double range_volts, int rate);
  /// Volts from the conversion register ("Data Format": two's complement, 8000h is minus the range).
  static double volts(std::uint16_t conversion, double range_volts);

 private:
  enum class Stage : std::uint8_t { config, status, conversion };

  void do_begin(bool afresh) override;
  void do_go_on(device::ReadingSink& sink) override;
  /// The next input that has a channel, from `input` on; none: the measurement is over.
  void start(std::size_t input);
  void take_status();
  void take_conversion(device::ReadingSink& sink);

  device::UsedPorts is_used_;
  device::Text pairs_;
  double range_volts_;
  int rate_;
  std::size_t input_ = 0;
  Stage stage_ = Stage::config;
  int asked_ = 0;  ///< how often whether the conversion has ended
  std::uint16_t config_ = 0;
};

inline constexpr std::array kAds1115Ranges{0.256, 0.512, 1.024, 2.048, 4.096, 6.144};
inline constexpr std::array kAds1115Rates{8.0, 16.0, 32.0, 64.0, 128.0, 250.0, 475.0, 860.0};
inline constexpr std::array kAds1115Settings{
    bus_setting(),
    address_setting(72.0, 75.0, "72 to 75, by its ADDR pin"),
    device::choice_setting("rangeVolts", "from minus that to that; inputs take its supply at most",
                           kAds1115Ranges, 4.096),
    device::choice_setting("samplesPerSecond", "slower ones have less noise", kAds1115Rates, 128.0),
    device::SettingSpec{
        .name = "pairs",
        .kind = device::SettingSpec::Kind::text,
        .help = "inputs measured against another one: some of 0-1 or 0-3, 1-3, 2-3, as in 0-1,2-3",
        .has_form = &Ads1115::are_pairs},
    device::period_setting(1000),
};
inline constexpr std::array kAds1115Ports{
    device::PortSpec{.name = "in0", .unit = "V", .min = -6.144, .max = 6.144},
    device::PortSpec{.name = "in1", .unit = "V", .min = -6.144, .max = 6.144},
    device::PortSpec{.name = "in2", .unit = "V", .min = -6.144, .max = 6.144},
    device::PortSpec{.name = "in3", .unit = "V", .min = -6.144, .max = 6.144},
};
inline constexpr device::PartKind kAds1115{.name = "ads1115",
                                           .help = "I2C converter ADS1115: four voltages",
                                           .settings = kAds1115Settings,
                                           .ports = kAds1115Ports,
                                           .construct = &device::construct_part<Ads1115>};

}  // namespace signalbox::drivers
