#include "drivers/pwm_fan.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include "firmware/drivers/part_bench.hpp"

namespace signalbox::drivers {
namespace {

using device::Text;
using hal::Completion;

TEST(PwmFan, HoldsItsInitialDuty) {
  PartBench bench;
  ASSERT_EQ(bench.start(kPwmFan, {{"output", Text{"fan"}}}, 40.0), "");
  EXPECT_DOUBLE_EQ(bench.platform().fan().duty(), 0.4);
  bench.run(from_ms(10));
  ASSERT_EQ(bench.told.size(), 1U);
  EXPECT_DOUBLE_EQ(bench.number(0), 40.0);
}

TEST(PwmFan, SetsAndTellsTheNewDuty) {
  PartBench bench;
  ASSERT_EQ(bench.start(kPwmFan, {{"output", Text{"fan"}}}, 0.0), "");
  bench.run(from_ms(10));
  bench.actuator().drive(75.0, bench.clock.now() + from_ms(100));
  EXPECT_EQ(bench.actuator().driven(), Completion::pending);
  bench.run(from_ms(10));
  EXPECT_EQ(bench.actuator().driven(), Completion::done);
  EXPECT_DOUBLE_EQ(bench.platform().fan().duty(), 0.75);
  ASSERT_EQ(bench.told.size(), 2U);
  EXPECT_DOUBLE_EQ(bench.number(1), 75.0);
}

TEST(PwmFan, TellsTheVeryNumberThatWasAskedFor) {
  PartBench bench;
  ASSERT_EQ(bench.start(kPwmFan, {{"output", Text{"fan"}}}, 55.0), "");
  bench.run(from_ms(10));
  EXPECT_EQ(std::get<double>(*bench.told.back().value), 55.0);
  bench.actuator().drive(7.0, bench.clock.now() + from_ms(100));
  bench.run(from_ms(10));
  EXPECT_EQ(std::get<double>(*bench.told.back().value), 7.0);
}

TEST(PwmFan, KeepsTheOldDutyAfterADeadline) {
  PartBench bench;
  ASSERT_EQ(bench.start(kPwmFan, {{"output", Text{"fan"}}}, 20.0), "");
  bench.run(from_ms(10));
  bench.actuator().drive(75.0, bench.clock.now() - from_ms(1));
  bench.run(from_ms(10));
  EXPECT_EQ(bench.actuator().driven(), Completion::timed_out);
  EXPECT_DOUBLE_EQ(bench.platform().fan().duty(), 0.2);
  EXPECT_DOUBLE_EQ(std::get<double>(*bench.told.back().value), 20.0);
}

TEST(PwmFan, StaysInFaultAfterAFailedWriteUntilOneSucceeds) {
  PartBench bench;
  bench.faults.add({sim::FaultKind::fails, "fan", Instant{}, Instant{from_ms(100)}});
  ASSERT_EQ(bench.start(kPwmFan, {{"output", Text{"fan"}}}, 0.0), "");
  bench.run(from_ms(10));
  bench.actuator().drive(50.0, bench.clock.now() + from_ms(50));
  bench.run(from_ms(3000));
  EXPECT_EQ(bench.actuator().driven(), Completion::failed);
  EXPECT_EQ(bench.told.back().why, "output not writable");
  bench.actuator().drive(50.0, bench.clock.now() + from_ms(50));
  bench.run(from_ms(10));
  EXPECT_DOUBLE_EQ(std::get<double>(*bench.told.back().value), 50.0);
}

/// What was told of the tachometer last.
PartBench::Told speed(const PartBench& bench) {
  const auto found = std::find_if(bench.told.rbegin(), bench.told.rend(),
                                  [](const PartBench::Told& told) { return told.port == 1; });
  if (found != bench.told.rend()) return *found;
  ADD_FAILURE() << "no speed was told";
  return {};
}

TEST(PwmFan, TellsHowFastItTurns) {
  PartBench bench;
  ASSERT_EQ(
      bench.start(kPwmFan,
                  {{"output", Text{"fan"}}, {"tachometer", Text{"fan-tachometer"}}, {"bias", Text{"pullUp"}}},
                  50.0),
      "");
  bench.run(from_ms(20'000));
  EXPECT_NEAR(std::get<double>(speed(bench).value.value()), 1200.0, 5.0);
  bench.actuator().drive(100.0, bench.clock.now() + from_ms(100));
  bench.run(from_ms(20'000));
  EXPECT_NEAR(std::get<double>(speed(bench).value.value()), 2400.0, 5.0);
}

TEST(PwmFan, OneThatIsHeldShowsNoSpeed) {
  PartBench bench;
  ASSERT_EQ(
      bench.start(kPwmFan,
                  {{"output", Text{"fan"}}, {"tachometer", Text{"fan-tachometer"}}, {"bias", Text{"pullUp"}}},
                  100.0),
      "");
  bench.run(from_ms(10'000));
  EXPECT_GT(std::get<double>(speed(bench).value.value()), 2000.0);
  bench.platform().fan().block(bench.clock.now(), true);
  bench.run(from_ms(3000));
  EXPECT_EQ(std::get<double>(speed(bench).value.value()), 0.0);
  bench.platform().fan().block(bench.clock.now(), false);
  bench.run(from_ms(20'000));
  EXPECT_NEAR(std::get<double>(speed(bench).value.value()), 2400.0, 5.0);
}

TEST(PwmFan, CountsAsManyPulsesForARevolutionAsItIsTold) {
  PartBench bench;
  ASSERT_EQ(bench.start(kPwmFan,
                        {{"output", Text{"fan"}},
                         {"tachometer", Text{"fan-tachometer"}},
                         {"bias", Text{"pullUp"}},
                         {"pulsesPerRevolution", 4.0}},
                        100.0),
            "");
  bench.run(from_ms(20'000));
  EXPECT_NEAR(std::get<double>(speed(bench).value.value()), 1200.0, 5.0);
}

TEST(PwmFan, ATachometerThatIsNotReadableIsAFault) {
  PartBench bench;
  bench.faults.add({sim::FaultKind::fails, "fan-tachometer", Instant{}, Instant{from_ms(60'000)}});
  ASSERT_EQ(bench.start(kPwmFan, {{"output", Text{"fan"}}, {"tachometer", Text{"fan-tachometer"}}}, 100.0),
            "");
  bench.run(from_ms(3000));
  EXPECT_EQ(speed(bench).why, "line not readable");
}

TEST(PwmFan, NeedsItsTachometersLine) {
  PartBench bench;
  EXPECT_EQ(bench.start(kPwmFan, {{"output", Text{"fan"}}, {"tachometer", Text{"lamp"}}}),
            "no free input line \"lamp\" on this board");
  EXPECT_EQ(bench.start(kPwmFan, {{"output", Text{"fan"}}}), "") << "the output is free again";
}

TEST(PwmFan, NeedsItsOutput) {
  PartBench bench;
  EXPECT_EQ(bench.start(kPwmFan, {{"output", Text{"pump"}}}), "no free PWM output \"pump\" on this board");
}

}  // namespace
}  // namespace signalbox::drivers
