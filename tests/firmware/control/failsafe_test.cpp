#include "control/failsafe.hpp"

#include "tests/firmware/control/outputs_bench.hpp"

namespace signalbox::control {
namespace {

using FailsafeTest = OutputsBench;

TEST_F(FailsafeTest, DrivesToTheSafeValueAndTells) {
  failsafe.make_safe(kLamp, Cause::stop, actor(1), now);
  EXPECT_TRUE(failsafe.has_demand(kLamp));
  const Instant asked = now;
  step(from_ms(1));
  ASSERT_EQ(lines.writes.size(), 1U);
  EXPECT_FALSE(lines.writes[0].level);
  EXPECT_EQ(taken_over, std::vector<device::ChannelIndex>{kLamp});
  EXPECT_TRUE(told.empty()) << "not there yet";
  lines.finish("lamp");
  step(from_ms(1));
  EXPECT_FALSE(failsafe.has_demand(kLamp));
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].channel, kLamp);
  EXPECT_EQ(told[0].cause, Cause::stop);
  EXPECT_EQ(told[0].actor.holder, 1U);
  EXPECT_EQ(told[0].asked_at, asked);
  EXPECT_EQ(told[0].at, now);
  EXPECT_EQ(told[0].before, device::Value{true});
  EXPECT_EQ(told[0].after, device::Value{false});
  EXPECT_FALSE(told[0].failed);
  step(from_ms(10'000));
  EXPECT_EQ(lines.writes.size(), 1U) << "once there, it is left alone";
}

TEST_F(FailsafeTest, WaitsForWhatDrivesTheOutputNow) {
  busy = kLamp;
  failsafe.make_safe(kLamp, Cause::lease_ended, {}, now);
  step();
  EXPECT_TRUE(lines.writes.empty());
  busy = device::kNoChannel;
  outputs.drive(kLamp, true, now + from_ms(100), now);
  step();
  EXPECT_EQ(lines.writes.size(), 1U) << "the other write is under way";
  lines.finish("lamp");
  step();
  ASSERT_EQ(lines.writes.size(), 2U);
  EXPECT_FALSE(lines.writes[1].level);
}

TEST_F(FailsafeTest, TriesAgainUntilItSucceedsAndTellsOnce) {
  failsafe.make_safe(kLamp, Cause::interlock, {}, now);
  step();
  lines.finish("lamp", Completion::failed);
  EXPECT_FALSE(failsafe.is_settled());
  const Instant next = step();
  EXPECT_TRUE(failsafe.is_settled()) << "met, or failed once";
  EXPECT_TRUE(failsafe.has_demand(kLamp));
  EXPECT_GT(next, now);
  EXPECT_LE(next, now + from_ms(100));
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].failed, Reason::failed);
  now = next;
  step();
  EXPECT_EQ(lines.writes.size(), 2U);
  lines.finish("lamp", Completion::timed_out);
  step();
  EXPECT_EQ(told.size(), 1U) << "the same trouble is told once";
  step(from_ms(100));
  lines.finish("lamp");
  step();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_FALSE(told[1].failed);
  EXPECT_FALSE(failsafe.has_demand(kLamp));
}

TEST_F(FailsafeTest, AStrongerCauseTakesOverAWeakerOneDoesNot) {
  failsafe.demand(kLamp, true, Cause::lease_ended, {}, now);
  step();
  ASSERT_EQ(lines.writes.size(), 1U);
  lines.reached = true;
  failsafe.make_safe(kLamp, Cause::stop, {}, now);
  failsafe.demand(kLamp, true, Cause::lease_ended, {}, now);
  step();
  EXPECT_EQ(lines.writes.size(), 1U) << "what is under way ends first";
  lines.finish("lamp");
  step();
  ASSERT_EQ(lines.writes.size(), 2U);
  EXPECT_FALSE(lines.writes[1].level);
  lines.finish("lamp");
  step();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].cause, Cause::lease_ended) << "it was on for a moment";
  EXPECT_EQ(told[1].cause, Cause::stop);
}

TEST_F(FailsafeTest, ThatAFailureIsOverIsToldHoweverSoon) {
  failsafe.make_safe(kLamp, Cause::read_back, {}, now);
  step();
  lines.finish("lamp", Completion::failed);
  step();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_TRUE(told[0].failed);
  step(from_ms(100));
  lines.finish("lamp");
  step();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_FALSE(told[1].failed);
  failsafe.make_safe(kLamp, Cause::read_back, {}, now);
  step(from_ms(100));
  lines.finish("lamp");
  step();
  EXPECT_EQ(told.size(), 2U) << "it goes on reading otherwise: once a minute";
}

TEST_F(FailsafeTest, LinesThatAnswerAtOnceNeedOneStep) {
  lines.at_once = true;
  for (const device::ChannelIndex channel : {kHeater, kCooler, kLamp})
    failsafe.make_safe(channel, Cause::stop, {}, now);
  step();
  EXPECT_EQ(told.size(), 3U);
  EXPECT_TRUE(failsafe.is_settled());
}

}  // namespace
}  // namespace signalbox::control
