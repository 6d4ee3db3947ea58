#include "sim/twins/servo.hpp"

#include <gtest/gtest.h>

#include "sim/at.hpp"

namespace signalbox::sim::twins {
namespace {

TEST(TwinServo, TurnsAsFastAsItCanAndStaysWithoutPulses) {
  Servo servo;
  servo.pulse(at(0), 50, 0.1);  // 2 ms of 20
  EXPECT_EQ(servo.pulse_us(), 2000.0);
  EXPECT_EQ(servo.angle(at(0)), 0.0);
  EXPECT_NEAR(servo.angle(at(150)), 60.0, 0.01);
  EXPECT_NEAR(servo.angle(at(1000)), 180.0, 0.01);
  servo.pulse(at(1000), 50, 0.05);
  servo.pulse(at(1150), 50, 0.0);
  EXPECT_NEAR(servo.angle(at(5000)), 120.0, 0.01) << "halfway";
}

TEST(TwinServo, HasStops) {
  Servo servo;
  servo.pulse(at(0), 100, 0.25);  // 2.5 ms
  EXPECT_NEAR(servo.angle(at(5000)), 180.0, 0.01);
  servo.pulse(at(5000), 100, 0.05);
  EXPECT_NEAR(servo.angle(at(9000)), 0.0, 0.01);
}

}  // namespace
}  // namespace signalbox::sim::twins
