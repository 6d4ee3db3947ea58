#include "control/interlock.hpp"

#include "tests/firmware/control/outputs_bench.hpp"

namespace signalbox::control {
namespace {

class InterlockTest : public OutputsBench {
 protected:
  /// Why the output may not take the value; empty where it may.
  std::string refusal(device::ChannelIndex channel, const device::Value& value,
                      std::span<const Planned> all = {}) {
    const auto error = interlock.forbids({channel, value}, all, now);
    if (!error) return {};
    EXPECT_EQ(error->reason, Reason::interlocked);
    retry_after_ms = error->retry_after_ms;
    return std::string{error->detail.view()};
  }
  std::uint32_t retry_after_ms = 0;
};

TEST_F(InterlockTest, EveryConditionMustHold) {
  EXPECT_EQ(refusal(kHeater, true), "");
  read(kDoor, true);
  EXPECT_EQ(refusal(kHeater, true), "door must be false");
  EXPECT_EQ(refusal(kHeater, false), "") << "the safe value is always allowed";
  read(kDoor, false, Quality::stale);
  EXPECT_EQ(refusal(kHeater, true), "door must be false") << "what cannot be trusted fulfils nothing";
  read(kDoor, false, Quality::simulated);
  EXPECT_EQ(refusal(kHeater, true), "");
}

TEST_F(InterlockTest, AnotherOutputCountsWithWhatItReadsIsToldAndIsAboutToBeTold) {
  read(kCooler, true);
  EXPECT_EQ(refusal(kHeater, true), "cooler must be false") << "what it reads";
  read(kCooler, false);
  outputs.drive(kCooler, true, now + from_ms(100), now);
  EXPECT_EQ(refusal(kHeater, true), "cooler must be false") << "what it was told";
  lines.finish("cooler");
  drive(kCooler, false);
  const std::array both{Planned{kCooler, true}, Planned{kHeater, true}};
  EXPECT_EQ(refusal(kHeater, true, both), "cooler must be false") << "what it is about to be told";
  EXPECT_EQ(refusal(kHeater, true), "");
}

TEST_F(InterlockTest, BrokenFindsTheConditionWhileItIsOn) {
  EXPECT_EQ(interlock.broken(kHeater), nullptr);
  EXPECT_EQ(interlock.broken(kLamp), nullptr) << "nothing declared";
  read(kDoor, true);
  ASSERT_NE(interlock.broken(kHeater), nullptr);
  EXPECT_EQ(interlock.broken(kHeater)->channel, kDoor);
}

TEST_F(InterlockTest, LeastTimesOnAndOff) {
  drive(kCooler, true);
  EXPECT_EQ(refusal(kCooler, false), "it must stay on for a while");
  EXPECT_EQ(retry_after_ms, 2000U);
  EXPECT_EQ(refusal(kCooler, true), "") << "it stays as it is";
  now += from_ms(1999);
  EXPECT_EQ(refusal(kCooler, false), "it must stay on for a while");
  EXPECT_EQ(retry_after_ms, 1U);
  now += from_ms(1);
  EXPECT_EQ(refusal(kCooler, false), "");
  drive(kCooler, false);
  EXPECT_EQ(refusal(kCooler, true), "it must stay off for a while");
  EXPECT_EQ(retry_after_ms, 3000U);
  now += from_ms(3000);
  EXPECT_EQ(refusal(kCooler, true), "");
}

TEST_F(InterlockTest, AStartCountsAsSwitchedOff) {
  outputs.begin(now);
  EXPECT_EQ(refusal(kCooler, true), "it must stay off for a while") << "a restart does not shorten a pause";
}

TEST_F(InterlockTest, ARateOfChange) {
  roster.channels()[kLamp].kind = device::ValueKind::number;
  roster.channels()[kLamp].output->safe = 0.0;
  roster.channels()[kLamp].output->change_per_second = 10.0;
  outputs.state(kLamp).now.value = 20.0;
  EXPECT_EQ(refusal(kLamp, 90.0), "") << "it never moved: from where it is, it may go anywhere";
  outputs.state(kLamp).moved_at = now;
  EXPECT_EQ(refusal(kLamp, 50.0), "it may not change that fast");
  EXPECT_EQ(retry_after_ms, 3000U);
  now += from_ms(3000);
  EXPECT_EQ(refusal(kLamp, 50.0), "");
  EXPECT_EQ(refusal(kLamp, 51.0), "it may not change that fast");
}

TEST_F(InterlockTest, ConditionsInWords) {
  device::Channel watched;
  watched.path = "tank/level";
  using Is = device::Condition::Test;
  EXPECT_EQ(words_of({.channel = 0, .test = Is::below, .limit = 40.5}, watched).view(),
            "tank/level must be below 40.5");
  EXPECT_EQ(words_of({.channel = 0, .test = Is::above, .limit = -3}, watched).view(),
            "tank/level must be above -3");
  EXPECT_EQ(words_of({.channel = 0, .value = 7.0}, watched).view(), "tank/level must be 7");
  EXPECT_EQ(words_of({.channel = 0, .value = device::Text{"up"}}, watched).view(), "tank/level must be up");
  watched.labels[1] = "low";
  EXPECT_EQ(words_of({.channel = 0, .value = device::EnumIndex{1}}, watched).view(),
            "tank/level must be low");
}

TEST_F(InterlockTest, AnOutputInDoubtFulfilsNothing) {
  outputs.state(kCooler).now.is_certain = false;
  EXPECT_EQ(refusal(kHeater, true), "cooler must be false");
}

TEST_F(InterlockTest, WhatAnotherOutputNeedsStaysWhileThatOneIsOn) {
  drive(kHeater, true);
  EXPECT_EQ(refusal(kCooler, true), "heater is away from its safe value, and for that cooler must be false");
  drive(kHeater, false);
  read(kHeater, false);
  EXPECT_EQ(refusal(kCooler, true), "");
}

TEST_F(InterlockTest, WhatWasToldToBeSafeButDoesNotReadSoMayStillBeOn) {
  const std::string still_on = "heater does not read its safe value, and for that cooler must be false";
  drive(kHeater, false);
  read(kHeater, true);
  EXPECT_EQ(refusal(kCooler, true), still_on);
  read(kHeater, false, Quality::fault);
  EXPECT_EQ(refusal(kCooler, true), still_on);
  EXPECT_EQ(refusal(kCooler, false), "");
}

TEST_F(InterlockTest, WhatDependsOnAnotherOutputWaitsUntilThatOneWasRead) {
  const auto settled = [this](device::ChannelIndex channel, bool value) {
    const Planned planned{channel, value};
    return interlock.is_settled({&planned, 1}, now);
  };
  EXPECT_TRUE(settled(kHeater, true));
  outputs.drive(kCooler, false, now + from_ms(100), now);
  EXPECT_FALSE(settled(kHeater, true)) << "under way";
  lines.finish("cooler");
  EXPECT_FALSE(settled(kHeater, true)) << "not read since";
  EXPECT_TRUE(settled(kHeater, false)) << "the safe value waits for nothing";
  EXPECT_TRUE(settled(kLamp, true)) << "nothing to do with it";
  now += from_ms(1);
  read(kCooler, false);
  EXPECT_TRUE(settled(kHeater, true));
  drive(kHeater, true);
  EXPECT_FALSE(settled(kCooler, true)) << "the other way round";
}

}  // namespace
}  // namespace signalbox::control
