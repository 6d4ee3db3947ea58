#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "sim/twins/published.hpp"

namespace signalbox::sim::twins {

/// An input of an MCP3208, a converter of 12 bits, beside a reference of 3.3 V.
class IioChannel final : public Published {
 public:
  static constexpr double kReferenceVolts = 3.3;
  static constexpr double kCounts = 4096.0;

  explicit IioChannel(std::function<double()> volts) : volts_{std::move(volts)} {}

 private:
  std::optional<double> do_value() override {
    return std::clamp(std::floor(volts_() / kReferenceVolts * kCounts), 0.0, kCounts - 1.0) / kCounts *
           kReferenceVolts;
  }

  std::function<double()> volts_;
};

}  // namespace signalbox::sim::twins
