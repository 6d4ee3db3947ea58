#pragma once

#include <array>

#include "device/cadence.hpp"
#include "device/part_kind.hpp"
#include "hal/analog.hpp"

namespace signalbox::drivers {

/// A sender that shows a level as a voltage; the channel's calibration makes litres or percent of it.
class AnalogLevel final : public device::Sensor {
 public:
  explicit AnalogLevel(const device::PartSetup& setup);
  ~AnalogLevel() override;
  Result<void> open();

 private:
  Instant do_step(Instant now, device::ReadingSink& sink) override;
  bool do_is_quiet() const override { return reading_.completion != hal::Completion::pending; }
  void take(Instant now, device::ReadingSink& sink);

  hal::Analog* analog_;
  device::Text name_;
  device::Cadence cadence_;
  int input_ = hal::Analog::kNoInput;
  hal::AnalogReading reading_{};
};

inline constexpr std::array kAnalogLevelSettings{
    device::SettingSpec{.name = "input",
                        .kind = device::SettingSpec::Kind::text,
                        .help = "the board's name for the analog input",
                        .required = true},
    device::period_setting(1000),
};
inline constexpr std::array kAnalogLevelPorts{
    device::PortSpec{.name = "level", .unit = "V", .min = 0.0, .max = 10.0},
};
inline constexpr device::PartKind kAnalogLevel{.name = "analogLevel",
                                               .help = "a level sender on an analog input, in volts",
                                               .settings = kAnalogLevelSettings,
                                               .ports = kAnalogLevelPorts,
                                               .construct = &device::construct_part<AnalogLevel>};

}  // namespace signalbox::drivers
