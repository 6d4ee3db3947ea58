#include "sim/twins/hwmon.hpp"

#include <gtest/gtest.h>

namespace signalbox::sim::twins {
namespace {

TEST(TwinHwmon, ShowsHalvesOfADegree) {
  double celsius = 25.9;
  Hwmon chip{[&celsius] { return celsius; }};
  EXPECT_EQ(chip.value(), 25.5);
  celsius = -0.1;
  EXPECT_EQ(chip.value(), -0.5);
}

}  // namespace
}  // namespace signalbox::sim::twins
