#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "sim/twins/published.hpp"

namespace signalbox::sim::twins {

/// A DS18B20 behind the kernel's w1_therm.
class Ds18b20 final : public Published {
 public:
  static constexpr Duration kConversion = from_ms(750);
  static constexpr double kStepCelsius = 0.0625;

  explicit Ds18b20(std::function<double()> celsius) : celsius_{std::move(celsius)} {}

  /// Its supply breaks in: what is read next is the value of power-on.
  void lose_power() { has_lost_power_ = true; }
  /// Bits turn on the way, so that no CRC is right; or no more.
  void disturb(bool disturbed) { is_disturbed_ = disturbed; }

 private:
  Duration do_takes() const override { return kConversion; }
  std::optional<double> do_value() override {
    if (is_disturbed_) return std::nullopt;
    if (std::exchange(has_lost_power_, false)) return 85.0;
    return std::clamp(std::round(celsius_() / kStepCelsius) * kStepCelsius, -55.0, 125.0);
  }

  std::function<double()> celsius_;
  bool has_lost_power_ = false;
  bool is_disturbed_ = false;
};

}  // namespace signalbox::sim::twins
