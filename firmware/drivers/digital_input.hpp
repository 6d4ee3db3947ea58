#pragma once

#include <array>

#include "device/cadence.hpp"
#include "drivers/line_settings.hpp"

namespace signalbox::drivers {

/// A contact on a digital line: true while active. What came and went between two readings is shown by the
/// second one, and the level by the next.
class DigitalInput final : public device::Sensor {
 public:
  explicit DigitalInput(const device::PartSetup& setup);
  ~DigitalInput() override;
  Result<void> open();

 private:
  Instant do_step(Instant now, device::ReadingSink& sink) override;
  bool do_is_quiet() const override { return read_.completion != hal::Completion::pending; }
  void take(Instant now, device::ReadingSink& sink);
  bool level_to_show();

  hal::Digital* digital_;
  device::Text name_;
  hal::InputSetup setup_;
  bool active_low_;
  device::Cadence cadence_;
  int line_ = hal::Digital::kNoLine;
  hal::DigitalOperation read_{};
  bool shown_ = false;
  hal::EdgeTally edges_{};  ///< at the reading before
};

inline constexpr std::array kDigitalInputSettings{
    kLineSetting,
    device::SettingSpec{.name = "activeLow",
                        .kind = device::SettingSpec::Kind::boolean,
                        .help = "true: a low level counts as active"},
    device::period_setting(100),
    kBiasSetting,
    kDebounceSetting,
};
inline constexpr std::array kDigitalInputPorts{
    device::PortSpec{.name = "state", .kind = device::ValueKind::boolean},
};
inline constexpr device::PartKind kDigitalInput{.name = "digitalInput",
                                                .help = "a contact on a digital line",
                                                .settings = kDigitalInputSettings,
                                                .ports = kDigitalInputPorts,
                                                .construct = &device::construct_part<DigitalInput>};

}  // namespace signalbox::drivers
