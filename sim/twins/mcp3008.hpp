#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "sim/twins/spi_chip.hpp"

namespace signalbox::sim::twins {

/// An MCP3008 (DS21295), with a voltage at each of its pins CH0 to CH7; clock by clock, as its timing
/// diagrams have it (Figures 5-1 and 5-2).
class Mcp3008 final : public SpiChip {
 public:
  using Pin = std::function<double()>;
  static constexpr double kReferenceVolts = 5.0;

  explicit Mcp3008(std::array<Pin, 8> pins) : pins_{std::move(pins)} {}

 private:
  static constexpr int kConfigurationBits = 4;  // SGL/DIFF, D2, D1, D0
  static constexpr int kNullBit = 6;            // clocks behind the start bit
  static constexpr int kResultBits = 10;

  void do_exchange(std::uint8_t mode, std::span<const std::uint8_t> in,
                   std::span<std::uint8_t> out) override {
    if (mode != 0 && mode != 3) return;
    int clock = -1;  // behind the start bit
    unsigned configuration = 0;
    int code = 0;
    for (std::size_t bit = 0; bit < in.size() * 8; ++bit) {
      const unsigned place = 7 - bit % 8;
      const unsigned told = in[bit / 8] >> place & 1U;
      if (clock < 0 && told == 0) continue;
      if (++clock >= 1 && clock <= kConfigurationBits) configuration = configuration << 1U | told;
      if (clock == kNullBit) code = convert(configuration);
      if (clock >= kNullBit && !sends(code, clock - kNullBit))
        out[bit / 8] &= static_cast<std::uint8_t>(~(1U << place));
    }
  }
  /// The null bit, the result's bits down from B9 to B0, up again from B1, and then zeros.
  static bool sends(int code, int step) {
    const int bit = std::abs(kResultBits - step);
    return step > 0 && bit < kResultBits && (code >> bit & 1) != 0;
  }
  /// Table 5-2. Below its other input it is zero (section 4).
  int convert(unsigned configuration) const {
    const unsigned input = configuration & 7U;
    const double against = (configuration & 8U) != 0 ? 0.0 : pins_[input ^ 1U]();
    const double steps = std::floor((pins_[input]() - against) * 1024.0 / kReferenceVolts);
    return static_cast<int>(std::clamp(steps, 0.0, 1023.0));
  }

  std::array<Pin, 8> pins_;
};

}  // namespace signalbox::sim::twins
