#pragma once

#include <string_view>

#include "device/part_kind.hpp"
#include "hal/digital.hpp"

namespace signalbox::drivers {

// The settings of kinds that have a line; `bias` and `debounceMs` are an input's.

inline constexpr device::SettingSpec kLineSetting{.name = "line",
                                                  .kind = device::SettingSpec::Kind::text,
                                                  .help = "the board's name for the line",
                                                  .required = true};

/// `as_is` for a text that is no bias.
constexpr hal::Bias bias_of(std::string_view text) {
  if (text == "none") return hal::Bias::none;
  if (text == "pullUp") return hal::Bias::pull_up;
  return text == "pullDown" ? hal::Bias::pull_down : hal::Bias::as_is;
}
constexpr bool is_bias(std::string_view text) { return bias_of(text) != hal::Bias::as_is; }

inline constexpr device::SettingSpec kBiasSetting{.name = "bias",
                                                  .kind = device::SettingSpec::Kind::text,
                                                  .help = "none, pullUp or pullDown; left out: as it is",
                                                  .has_form = &is_bias};
inline constexpr device::SettingSpec kDebounceSetting{
    .name = "debounceMs",
    .kind = device::SettingSpec::Kind::integer,
    .help = "a level that does not last so long is not seen",
    .min = 0.0,
    .max = 10'000.0,
    .fallback = 0.0};

}  // namespace signalbox::drivers
