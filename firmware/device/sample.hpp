#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/instant.hpp"
#include "device/value.hpp"

namespace signalbox::device {

/// How far a value can be trusted. Everything starts as the first, so that memory nobody used is zeros.
enum class Quality : std::uint8_t {
  stale,  ///< no reading for the channel's `stale_after`; the last value is shown
  good,
  fault,      ///< the part did not answer, or answered out of range; the last value is shown
  simulated,  ///< as good, from simulated hardware
};

constexpr std::string_view wire_name(Quality quality) {
  constexpr std::array<std::string_view, 4> names{"stale", "good", "fault", "simulated"};
  return names[static_cast<std::size_t>(quality)];
}

/// Whether decisions may rest on it.
constexpr bool is_usable(Quality quality) {
  return quality == Quality::good || quality == Quality::simulated;
}

/// A value, stamped.
struct Sample {
  Value value{};
  Quality quality = Quality::stale;  ///< until the first reading
  Instant taken_at{};
};

}  // namespace signalbox::device
