#pragma once

#include <array>

#include "device/cadence.hpp"
#include "drivers/line_settings.hpp"
#include "drivers/pulse_input.hpp"

namespace signalbox::drivers {

/// A meter with a pulse output, such as S0 of electricity meters (IEC 62053-31, formerly DIN 43864: a contact
/// that is closed for 30 ms at least). Counts since the start.
class PulseCounter final : public device::Sensor {
 public:
  explicit PulseCounter(const device::PartSetup& setup);
  Result<void> open() { return input_.open(); }

 private:
  Instant do_step(Instant now, device::ReadingSink& sink) override;
  bool do_is_quiet() const override { return !input_.is_pending(); }
  void tell(Instant now, device::ReadingSink& sink);

  PulseInput input_;
  double per_unit_;
  device::Cadence cadence_;
};

inline constexpr std::array kPulseCounterSettings{
    kLineSetting,
    device::SettingSpec{.name = "activeLow",
                        .kind = device::SettingSpec::Kind::boolean,
                        .help = "true: a pulse begins when the line becomes low"},
    device::period_setting(1000),
    kBiasSetting,
    kDebounceSetting,
    device::SettingSpec{.name = "pulsesPerUnit",
                        .kind = device::SettingSpec::Kind::number,
                        .help = "pulses for each unit that is counted",
                        .min = 1e-6,
                        .max = 1e9,
                        .fallback = 1.0},
};
inline constexpr std::array kPulseCounterPorts{
    device::PortSpec{.name = "count", .min = 0.0, .max = 1e15},
    device::PortSpec{.name = "rate", .unit = "/s", .min = 0.0, .max = 1e12},
};
inline constexpr device::PartKind kPulseCounter{.name = "pulseCounter",
                                                .help = "a meter's pulses on a digital line",
                                                .settings = kPulseCounterSettings,
                                                .ports = kPulseCounterPorts,
                                                .construct = &device::construct_part<PulseCounter>};

}  // namespace signalbox::drivers
