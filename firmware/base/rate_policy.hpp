#pragma once

#include <cstdint>

#include "base/instant.hpp"

namespace signalbox {

/// When a subscription's telemetry is sent.
struct RatePolicy {
  enum class Mode : std::uint8_t {
    instant,  ///< as soon as a value changes, at most every `min_period`
    fixed,    ///< all its channels every `period`
  };
  Mode mode = Mode::instant;
  Duration period = from_ms(1000);     ///< fixed: 50 ms to 1 h
  Duration min_period = from_ms(100);  ///< instant: 0 to 1 h
  double deadband = 0.0;               ///< instant: numbers that moved less are not sent; >= 0

  friend bool operator==(const RatePolicy&, const RatePolicy&) = default;
};

}  // namespace signalbox
