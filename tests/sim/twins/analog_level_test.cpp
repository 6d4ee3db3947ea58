#include "sim/twins/analog_level.hpp"

#include <gtest/gtest.h>

namespace signalbox::sim::twins {
namespace {

TEST(TwinAnalogLevel, ShowsTheLevelInTwelveBits) {
  double fraction = 0.0;
  const AnalogLevel level{[&fraction] { return fraction; }};
  EXPECT_EQ(level.volts(), 0.0);
  fraction = 1.0;
  EXPECT_EQ(level.volts(), 5.0);
  fraction = 0.50001;
  EXPECT_NEAR(level.volts(), 2.5, 5.0 / 4095.0);
  const double steps = level.volts() / 5.0 * 4095.0;
  EXPECT_NEAR(steps, std::round(steps), 1e-9);
  fraction = -3.0;
  EXPECT_EQ(level.volts(), 0.0);
  fraction = 3.0;
  EXPECT_EQ(level.volts(), 5.0);
}

}  // namespace
}  // namespace signalbox::sim::twins
