#pragma once

#include <array>

#include "device/cadence.hpp"
#include "device/part_kind.hpp"
#include "hal/serial.hpp"

namespace signalbox::drivers {

/// A number in lines of text that come on a serial line: meters, scales, weather stations, microcontrollers,
/// receivers that speak NMEA 0183 (its checksum is looked at where there is one). A line that did not come is
/// no fault: the channel is stale after a while.
class SerialText final : public device::Sensor {
 public:
  explicit SerialText(const device::PartSetup& setup);
  ~SerialText() override;
  Result<void> open();

  /// Where in a line the number is.
  struct Pattern {
    std::string_view prefix;     ///< the line begins with it; fields are counted behind it
    std::string_view separator;  ///< between fields
    std::size_t field = 0;       ///< from 0
  };
  /// The number; or why there is none, in a few words.
  static Result<double> number_in(std::string_view line, const Pattern& pattern);

 private:
  Instant do_step(Instant now, device::ReadingSink& sink) override;
  bool do_is_quiet() const override { return reading_.completion != hal::Completion::pending; }
  void take(Instant now, device::ReadingSink& sink);
  std::string_view fault() const;

  hal::Serial* serial_;
  device::Text port_;
  std::uint32_t baud_;
  device::Text prefix_;
  device::Text separator_;
  std::size_t field_;
  device::Cadence cadence_;
  int reader_ = hal::Serial::kNoReader;
  hal::SerialReading reading_{};
};

inline constexpr std::array kSerialTextSettings{
    device::SettingSpec{.name = "port",
                        .kind = device::SettingSpec::Kind::text,
                        .help = "a serial port, such as ttyUSB0, or ttyUSB@1-1.2 of several",
                        .required = true,
                        .has_form = &hal::is_serial_device},
    device::SettingSpec{.name = "baud",
                        .kind = device::SettingSpec::Kind::integer,
                        .help = "of the serial line, in bits per second",
                        .min = 50.0,
                        .max = 4'000'000.0,
                        .fallback = 9600.0},
    device::SettingSpec{.name = "prefix",
                        .kind = device::SettingSpec::Kind::text,
                        .help = "what the line begins with; fields come after it"},
    device::SettingSpec{.name = "separator",
                        .kind = device::SettingSpec::Kind::text,
                        .help = "what stands between fields; left out: a comma"},
    device::SettingSpec{.name = "field",
                        .kind = device::SettingSpec::Kind::integer,
                        .help = "which field has the number, counted from 0",
                        .max = 63.0},
    device::period_setting(500),
};
inline constexpr std::array kSerialTextPorts{
    device::PortSpec{.name = "value", .min = -1e9, .max = 1e9},
};
inline constexpr device::PartKind kSerialText{.name = "serialText",
                                              .help = "a number in lines of text on a serial line",
                                              .settings = kSerialTextSettings,
                                              .ports = kSerialTextPorts,
                                              .construct = &device::construct_part<SerialText>};

}  // namespace signalbox::drivers
