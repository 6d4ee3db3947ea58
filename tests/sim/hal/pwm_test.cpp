#include "sim/hal/pwm.hpp"

#include <gtest/gtest.h>

namespace signalbox::sim {
namespace {

using hal::Completion;

class PwmTest : public testing::Test {
 protected:
  PwmTest() { pwm.attach("fan", fan); }
  void run_until(std::int64_t ms) {
    const Instant now{from_ms(ms)};
    while (pwm.next() <= now) pwm.finish_next();
    pwm.set_now(now);
  }

  twins::PwmFan fan;
  Faults faults;
  Pwm pwm{faults};
};

TEST_F(PwmTest, ClaimsAnOutputOnceWithItsInitialDuty) {
  EXPECT_EQ(pwm.claim("pump", 25'000, 0.0, 0.0), hal::Pwm::kNoOutput);
  EXPECT_NE(pwm.claim("fan", 25'000, 0.3, 0.0), hal::Pwm::kNoOutput);
  EXPECT_EQ(fan.duty(), 0.3);
  EXPECT_EQ(pwm.claim("fan", 25'000, 0.9, 0.0), hal::Pwm::kNoOutput);
  EXPECT_EQ(fan.duty(), 0.3);
}

TEST_F(PwmTest, WritesInALaterStep) {
  const int output = pwm.claim("fan", 25'000, 0.0, 0.0);
  hal::PwmOperation write{.duty = 0.6};
  pwm.write(output, write);
  EXPECT_EQ(write.completion, Completion::pending);
  EXPECT_EQ(fan.duty(), 0.0);
  run_until(1);
  EXPECT_EQ(write.completion, Completion::done);
  EXPECT_EQ(fan.duty(), 0.6);
}

TEST_F(PwmTest, SuffersItsFaults) {
  const int output = pwm.claim("fan", 25'000, 0.2, 0.0);
  faults.add({FaultKind::fails, "fan", Instant{}, Instant{from_ms(5)}});
  faults.add({FaultKind::stuck, "fan", Instant{from_ms(5)}, Instant{from_ms(10)}});
  hal::PwmOperation write{.duty = 1.0};
  pwm.write(output, write);
  run_until(5);
  EXPECT_EQ(write.completion, Completion::failed);
  pwm.write(output, write);
  run_until(10);
  EXPECT_EQ(write.completion, Completion::done);
  EXPECT_EQ(fan.duty(), 0.2);
  write.deadline = Instant{from_ms(9)};
  pwm.write(output, write);
  run_until(20);
  EXPECT_EQ(write.completion, Completion::timed_out);
  EXPECT_EQ(fan.duty(), 0.2);
  pwm.write(99, write);
  EXPECT_EQ(write.completion, Completion::failed);
}

}  // namespace
}  // namespace signalbox::sim
