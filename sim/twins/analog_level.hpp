#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

namespace signalbox::sim::twins {

/// A level sender of 0 to 5 V behind a 12-bit converter.
class AnalogLevel {
 public:
  static constexpr double kFullScaleVolts = 5.0;
  static constexpr double kSteps = 4095.0;

  /// `fraction`: how full, 0 to 1.
  explicit AnalogLevel(std::function<double()> fraction) : fraction_{std::move(fraction)} {}

  double volts() const {
    return std::round(std::clamp(fraction_(), 0.0, 1.0) * kSteps) / kSteps * kFullScaleVolts;
  }

 private:
  std::function<double()> fraction_;
};

}  // namespace signalbox::sim::twins
