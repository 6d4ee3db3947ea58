#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "base/result.hpp"
#include "device/sensor.hpp"
#include "device/value.hpp"
#include "hal/platform.hpp"

namespace signalbox::device {

/// A part of the largest kind fits in this.
inline constexpr std::size_t kPartBytesMax = 384;
inline constexpr std::size_t kPortsMax = 8;
inline constexpr std::size_t kSettingsMax = 7;

/// One member a part of this kind has in the device file, beside `kind` and `channels`.
struct SettingSpec {
  enum class Kind : std::uint8_t { integer, number, text, boolean };
  std::string_view name;  ///< as in the file, unit last: `periodMs`
  Kind kind = Kind::number;
  std::string_view help;  ///< a few words for a person
  double min = 0.0;       ///< numbers and integers
  double max = 0.0;
  bool required = false;
  double fallback = 0.0;              ///< where it is left out (booleans: 0 or 1; text: empty)
  std::span<const double> choices{};  ///< numbers: it is one of these, rising; none: any in the range
  /// Whether a text that is not empty has the form that `help` tells; nullptr: any has.
  bool (*has_form)(std::string_view text) = nullptr;
};

/// The setting most sensors have.
constexpr SettingSpec period_setting(double fallback_ms) {
  return {.name = "periodMs",
          .kind = SettingSpec::Kind::integer,
          .help = "time between two readings, in ms",
          .min = 10.0,
          .max = 3'600'000.0,
          .fallback = fallback_ms};
}

/// A number that is one of a few.
constexpr SettingSpec choice_setting(std::string_view name, std::string_view help,
                                     std::span<const double> choices, double fallback) {
  return {.name = name,
          .help = help,
          .min = choices.front(),
          .max = choices.back(),
          .fallback = fallback,
          .choices = choices};
}

/// One thing a part of this kind measures or moves; the device file gives each used one a channel by this
/// name.
struct PortSpec {
  std::string_view name;
  ValueKind kind = ValueKind::number;
  std::string_view unit{};  ///< what the driver reports before calibration
  double min = 0.0;         ///< the hardware's range; a channel's range may be narrower
  double max = 0.0;
  bool is_output = false;             ///< only port 0 of an actuator
  Duration deadline = from_ms(2000);  ///< of commands, where neither they nor the device file name one
  std::string_view needs{};           ///< the text setting without which this port says nothing
};

using Setting = std::variant<std::monostate, double, bool, Text>;

/// The values of a part's settings, in the order of its kind's specs, validated and with fallbacks filled in.
struct Settings {
  std::array<Setting, kSettingsMax> values{};

  double number(std::size_t index) const {
    const double* found = std::get_if<double>(&values[index]);
    return found != nullptr ? *found : 0.0;
  }
  bool boolean(std::size_t index) const {
    const bool* found = std::get_if<bool>(&values[index]);
    return found != nullptr && *found;
  }
  std::string_view text(std::size_t index) const {
    const Text* found = std::get_if<Text>(&values[index]);
    return found != nullptr ? found->view() : std::string_view{};
  }
  Duration period(std::size_t index) const { return from_ms(static_cast<std::int64_t>(number(index))); }

  friend bool operator==(const Settings&, const Settings&) = default;
};

/// A fault of the settings in combination: each of them alone would be right.
struct SettingFault {
  std::string_view setting;  ///< one that the file has to have
  FixedText<127> expected;   ///< what would be right there
};

/// Which ports have a channel.
using UsedPorts = std::array<bool, kPortsMax>;

/// What a new part is made from.
struct PartSetup {
  const hal::Platform::Ports& ports;
  Settings settings;
  Value initial{false};  ///< actuators: what the output holds from the first moment on, uncalibrated
  Value safe{false};     ///< and where nobody is left to drive it
  UsedPorts is_used{true, true, true, true, true, true, true, true};
};

/// A type of part, as the catalogue lists it. Nobody below the roots knows more of a driver than this.
struct PartKind {
  std::string_view name;  ///< in the device file
  std::string_view help;
  std::span<const SettingSpec> settings;
  std::span<const PortSpec> ports;
  std::optional<SettingFault> (*find_fault)(const Settings& settings) = nullptr;
  bool reads_host = false;  ///< measures the machine itself: real even where the buses are simulated
  /// Makes the part at `place` (kPartBytesMax bytes). The error's detail says what the board lacks.
  Result<Sensor*> (*construct)(std::byte* place, const PartSetup& setup) = nullptr;
};

/// The usual `construct`: T(setup) and then its `open()`, which claims what it needs.
template <typename T>
Result<Sensor*> construct_part(std::byte* place, const PartSetup& setup) {
  static_assert(sizeof(T) <= kPartBytesMax && alignof(T) <= alignof(std::max_align_t));
  T* part = ::new (static_cast<void*>(place)) T(setup);
  const Result<void> opened = part->open();
  if (opened) return part;
  part->~T();
  return opened.error();
}

using Catalogue = std::span<const PartKind>;

}  // namespace signalbox::device
