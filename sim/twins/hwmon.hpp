#pragma once

#include <cmath>
#include <functional>
#include <utility>

#include "sim/twins/published.hpp"

namespace signalbox::sim::twins {

/// A temperature of an LM75 (data sheet SNOS808), in steps of 0.5 °C.
class Hwmon final : public Published {
 public:
  static constexpr double kStepCelsius = 0.5;

  explicit Hwmon(std::function<double()> celsius) : celsius_{std::move(celsius)} {}

 private:
  std::optional<double> do_value() override { return std::floor(celsius_() / kStepCelsius) * kStepCelsius; }

  std::function<double()> celsius_;
};

}  // namespace signalbox::sim::twins
