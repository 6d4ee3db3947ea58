#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <span>

#include "base/instant.hpp"
#include "base/path_pattern.hpp"
#include "device/alarm_rule.hpp"
#include "device/output_rules.hpp"
#include "device/value.hpp"

namespace signalbox::device {

/// No board may declare more channels; sets of channels are bit sets of this size.
inline constexpr std::size_t kChannelsCeiling = 256;
using ChannelSet = std::bitset<kChannelsCeiling>;

inline constexpr std::size_t kLabelsMax = 8;

/// One named thing that is measured or moved, as the device file declares it.
struct Channel {
  FixedText<kPathBytesMax> path;
  FixedText<47> title;  ///< for people; may be empty
  ValueKind kind = ValueKind::number;
  FixedText<15> unit;  ///< UCUM, such as `Cel`, `%`, `V`; empty: none
  double min = 0.0;    ///< numbers: the range in which a reading is believed and a command accepted
  double max = 0.0;
  std::array<FixedText<15>, kLabelsMax> labels{};  ///< enums
  std::uint8_t labels_count = 0;
  double scale = 1.0;  ///< calibration: value = scale * reading + offset; never 0
  double offset = 0.0;
  Duration stale_after = from_ms(10'000);  ///< no reading for that long: quality `stale`
  std::uint8_t part = 0;                   ///< who measures or moves it: place in the roster
  std::uint8_t port = 0;                   ///< which of the part's ports
  std::optional<OutputRules> output;       ///< present: the channel can be controlled
  std::array<AlarmRule, kAlarmsMax> declared_alarms{};
  std::uint8_t alarms_count = 0;
  /// A reload took it out of the device file. It keeps its place for what still refers to it, but no search
  /// finds it.
  bool gone = false;

  bool is_output() const { return output.has_value(); }
  std::span<const AlarmRule> alarms() const { return std::span{declared_alarms}.first(alarms_count); }
  /// From the part's reading to this channel's value. Only numbers change.
  Value calibrate(const Value& reading) const {
    const double* number = std::get_if<double>(&reading);
    return number != nullptr ? Value{scale * *number + offset} : reading;
  }
  /// The inverse: from this channel's value to what the part takes.
  Value uncalibrate(const Value& value) const {
    const double* number = std::get_if<double>(&value);
    return number != nullptr ? Value{(*number - offset) / scale} : value;
  }

  friend bool operator==(const Channel&, const Channel&) = default;
};

}  // namespace signalbox::device
