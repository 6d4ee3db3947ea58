#pragma once

#include <array>

#include "device/actuator.hpp"
#include "device/cadence.hpp"
#include "device/part_kind.hpp"
#include "drivers/line_settings.hpp"
#include "hal/digital.hpp"

namespace signalbox::drivers {

/// A relay on an output line. Its port shows the level read back from the line, not the one asked for; what
/// the contact does is for a sense line to tell.
class Relay final : public device::Actuator {
 public:
  explicit Relay(const device::PartSetup& setup);
  ~Relay() override;
  Result<void> open();

 private:
  Instant do_step(Instant now, device::ReadingSink& sink) override;
  bool do_is_quiet() const override {
    return write_.completion != hal::Completion::pending && read_.completion != hal::Completion::pending;
  }
  void do_drive(const device::Value& value, Instant deadline) override;
  void do_withdraw() override { digital_->withdraw(write_); }
  hal::Completion do_driven() const override { return write_.completion; }
  void take_write(device::ReadingSink& sink);
  void take_read(Instant now, device::ReadingSink& sink);

  hal::Digital* digital_;
  device::Text name_;
  bool active_low_;
  bool initial_;
  bool safe_;
  device::Cadence cadence_;
  int line_ = hal::Digital::kNoLine;
  hal::DigitalOperation write_{};
  hal::DigitalOperation read_{};
  bool write_taken_ = true;
  bool reads_now_ = false;  ///< after a write, without waiting for the cadence
};

inline constexpr std::array kRelaySettings{
    kLineSetting,
    device::SettingSpec{.name = "activeLow",
                        .kind = device::SettingSpec::Kind::boolean,
                        .help = "true: a low level switches on"},
    device::period_setting(1000),
};
inline constexpr std::array kRelayPorts{
    device::PortSpec{.name = "state", .kind = device::ValueKind::boolean, .is_output = true},
};
inline constexpr device::PartKind kRelay{.name = "relay",
                                         .help = "a relay on a digital output line",
                                         .settings = kRelaySettings,
                                         .ports = kRelayPorts,
                                         .construct = &device::construct_part<Relay>};

}  // namespace signalbox::drivers
