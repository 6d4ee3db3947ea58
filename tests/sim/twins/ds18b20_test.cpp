#include "sim/twins/ds18b20.hpp"

#include <gtest/gtest.h>

namespace signalbox::sim::twins {
namespace {

TEST(TwinDs18b20, ShowsSixteenthsOfADegree) {
  double celsius = 21.53;
  Ds18b20 thermometer{[&celsius] { return celsius; }};
  EXPECT_EQ(thermometer.value(), 21.5);
  celsius = -10.14;
  EXPECT_EQ(thermometer.value(), -10.125);
  celsius = 300.0;
  EXPECT_EQ(thermometer.value(), 125.0);
  EXPECT_EQ(thermometer.takes(), from_ms(750));
}

TEST(TwinDs18b20, ForgetsWithItsPower) {
  Ds18b20 thermometer{[] { return 20.0; }};
  thermometer.lose_power();
  EXPECT_EQ(thermometer.value(), 85.0);
  EXPECT_EQ(thermometer.value(), 20.0);
}

TEST(TwinDs18b20, TellsNothingThroughNoise) {
  Ds18b20 thermometer{[] { return 20.0; }};
  thermometer.disturb(true);
  EXPECT_EQ(thermometer.value(), std::nullopt);
  thermometer.disturb(false);
  EXPECT_EQ(thermometer.value(), 20.0);
}

}  // namespace
}  // namespace signalbox::sim::twins
