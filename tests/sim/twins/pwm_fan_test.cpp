#include "sim/twins/pwm_fan.hpp"

#include <gtest/gtest.h>

#include "tests/sim/at.hpp"

namespace signalbox::sim::twins {
namespace {

TEST(TwinPwmFan, ItsRotorFollowsTheDuty) {
  PwmFan fan;
  fan.drive(at(0), 1.0);
  EXPECT_EQ(fan.duty(), 1.0);
  EXPECT_EQ(fan.speed(at(0)), 0.0);
  EXPECT_NEAR(fan.speed(at(1500)), 0.63, 0.01);
  EXPECT_GT(fan.speed(at(10'000)), 0.99);
  fan.drive(at(10'000), 0.5);
  EXPECT_GT(fan.speed(at(10'001)), 0.99);
  EXPECT_NEAR(fan.speed(at(30'000)), 0.5, 0.001);
}

TEST(TwinPwmFan, StallsWithTooLittle) {
  PwmFan fan;
  fan.drive(at(0), 0.09);
  EXPECT_EQ(fan.speed(at(10'000)), 0.0);
  fan.drive(at(10'000), 7.0);
  EXPECT_EQ(fan.duty(), 1.0);
}

}  // namespace
}  // namespace signalbox::sim::twins
