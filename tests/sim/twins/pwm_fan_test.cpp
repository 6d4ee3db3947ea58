#include "sim/twins/pwm_fan.hpp"

#include <gtest/gtest.h>
#include <utility>

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

TEST(TwinPwmFan, ItsTachometerChangesFourTimesInARevolution) {
  PwmFan fan;
  fan.tachometer().pull(true);
  fan.drive(at(0), 1.0);
  int changes = 0;
  bool before = fan.tachometer().level(at(0));
  Instant last = at(0);
  const auto count = [&](Instant when, bool level) {
    EXPECT_NE(level, std::exchange(before, level));
    EXPECT_GE(when, std::exchange(last, when));
    ++changes;
  };
  for (int ms = 0; ms < 20'000; ms += 100) fan.tachometer().watch(at(ms), at(ms + 100), count);
  EXPECT_EQ(changes, static_cast<int>(fan.turns(at(20'000)) * 4.0));
  EXPECT_NEAR(fan.turns(at(20'000)) - fan.turns(at(19'000)), 40.0, 0.1);
  EXPECT_EQ(before, fan.tachometer().level(at(20'000)));
}

TEST(TwinPwmFan, AHeldRotorStandsStill) {
  PwmFan fan;
  fan.drive(at(0), 1.0);
  const double turned = fan.turns(at(5000));
  fan.block(at(5000), true);
  EXPECT_EQ(fan.speed(at(9000)), 0.0);
  EXPECT_EQ(fan.turns(at(9000)), turned);
  fan.block(at(9000), false);
  EXPECT_EQ(fan.speed(at(9000)), 0.0);
  EXPECT_GT(fan.speed(at(20'000)), 0.99);
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
