#include "control/guard.hpp"

#include "tests/firmware/control/outputs_bench.hpp"

namespace signalbox::control {
namespace {

class GuardTest : public OutputsBench {
 protected:
  GuardTest() { lines.at_once = true; }

  /// The causes told so far, and forgets them.
  std::vector<Cause> causes() {
    std::vector<Cause> found;
    for (const Actuation& each : std::exchange(told, {})) found.push_back(each.cause);
    return found;
  }
  bool is_on(device::ChannelIndex channel) const {
    return outputs.state(channel).now.value == device::Value{true};
  }
};

using Causes = std::vector<Cause>;

TEST_F(GuardTest, NothingHappensWhileEverythingHolds) {
  drive(kHeater, true);
  authority.take_lease(kHeater, actor(1), from_ms(5000), now);
  EXPECT_EQ(step(), now + from_ms(5000)) << "when the lease ends";
  EXPECT_TRUE(told.empty());
  EXPECT_TRUE(is_on(kHeater));
}

TEST_F(GuardTest, ALeaseThatRunsOutMakesItsOutputSafe) {
  drive(kHeater, true);
  authority.take_lease(kHeater, actor(1), from_ms(5000), now);
  step(from_ms(4999));
  EXPECT_TRUE(is_on(kHeater));
  step(from_ms(1));
  EXPECT_FALSE(is_on(kHeater));
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].cause, Cause::lease_ended);
  EXPECT_EQ(told[0].actor.holder, 1U) << "whose lease it was";
  EXPECT_EQ(authority.lease(kHeater).held_by.holder, kNobody);
  EXPECT_EQ(step(), kNever);
}

TEST_F(GuardTest, ALeaseThatRunsOutWhileItsOutputIsBeingSwitchedOffDoesNotTrustThatWrite) {
  drive(kHeater, true);
  authority.take_lease(kHeater, actor(1), from_ms(5000), now);
  lines.at_once = false;
  outputs.drive(kHeater, false, now + from_ms(60'000), now);
  step(from_ms(5000));
  EXPECT_TRUE(failsafe.has_demand(kHeater));
  lines.finish("heater", Completion::timed_out);
  outputs.conclude(kHeater, Completion::timed_out, now);
  step();
  lines.finish("heater");
  step();
  EXPECT_FALSE(is_on(kHeater));
  EXPECT_EQ(causes(), Causes{Cause::lease_ended});
}

TEST_F(GuardTest, ALeaseOfAnOutputThatIsSafeEndsInSilence) {
  authority.take_lease(kHeater, actor(1), from_ms(5000), now);
  step(from_ms(6000));
  EXPECT_TRUE(told.empty());
  EXPECT_EQ(authority.lease(kHeater).held_by.holder, kNobody);
}

TEST_F(GuardTest, APulseEnds) {
  drive(kCooler, true);
  outputs.state(kCooler).now.pulse_ends = now + from_ms(300);
  EXPECT_EQ(step(), now + from_ms(300));
  step(from_ms(300));
  EXPECT_FALSE(is_on(kCooler)) << "its least time on is for commands, not for safety";
  EXPECT_EQ(causes(), Causes{Cause::pulse_ended});
}

TEST_F(GuardTest, AnInterlockThatBreaksWhileItIsOn) {
  drive(kHeater, true);
  read(kDoor, true);
  step();
  EXPECT_FALSE(is_on(kHeater));
  EXPECT_EQ(causes(), Causes{Cause::interlock});
  read(kDoor, false);
  step();
  EXPECT_FALSE(is_on(kHeater)) << "nothing comes back by itself";
}

TEST_F(GuardTest, AnInputThatCannotBeTrustedCountsAsUnsafe) {
  drive(kHeater, true);
  read(kDoor, false, Quality::fault);
  step();
  EXPECT_EQ(causes(), Causes{Cause::interlock});
}

TEST_F(GuardTest, AnOutputThatShouldBeSafeButReadsOtherwiseIsToldAgain) {
  now += from_ms(10);
  read(kCooler, true);
  step();
  EXPECT_EQ(causes(), Causes{Cause::read_back});
  EXPECT_EQ(lines.writes.size(), 1U);
  step(from_ms(1000));
  EXPECT_TRUE(told.empty()) << "not before it is read again";
  for (int i = 0; i < 50; ++i) {
    now += from_ms(1);
    read(kCooler, true);
    step();
  }
  EXPECT_EQ(lines.writes.size(), 2U) << "not as fast as it can be read";
  EXPECT_TRUE(told.empty()) << "a relay that is welded does not fill the journal";
  now += from_ms(60'000);
  read(kCooler, true);
  step();
  EXPECT_EQ(causes(), Causes{Cause::read_back});
  now += from_ms(10);
  read(kCooler, true, Quality::fault);
  step();
  EXPECT_TRUE(told.empty()) << "what cannot be trusted proves nothing";
}

TEST_F(GuardTest, ASwitchOnTheDeviceWins) {
  drive(kLamp, false);
  read(kSwitch, true);
  step();
  EXPECT_TRUE(guard.is_overridden(kLamp));
  EXPECT_TRUE(is_on(kLamp));
  EXPECT_EQ(causes(), Causes{Cause::local_override});
  step();
  EXPECT_TRUE(told.empty()) << "once there it stays";
  read(kSwitch, false);
  step();
  EXPECT_FALSE(guard.is_overridden(kLamp));
  EXPECT_TRUE(is_on(kLamp)) << "letting go moves nothing";
}

TEST_F(GuardTest, WhatEndsWhileASwitchHasTheOutputMovesNothing) {
  drive(kLamp, true);
  authority.take_lease(kLamp, actor(1), from_ms(1000), now);
  outputs.state(kLamp).now.pulse_ends = now + from_ms(500);
  read(kSwitch, true);
  step(from_ms(500));
  step(from_ms(500));
  EXPECT_EQ(authority.lease(kLamp).held_by.holder, kNobody);
  EXPECT_TRUE(lines.writes.size() == 1U && told.empty());
  EXPECT_TRUE(is_on(kLamp));
}

TEST_F(GuardTest, ASwitchThatCannotBeReadStaysWhereItWas) {
  drive(kLamp, false);
  EXPECT_FALSE(guard.is_switch_unread(kLamp));
  read(kSwitch, true);
  step();
  read(kSwitch, false, Quality::fault);
  step();
  EXPECT_TRUE(guard.is_overridden(kLamp)) << "a broken wire does not let go";
  EXPECT_TRUE(guard.is_switch_unread(kLamp));
  EXPECT_TRUE(is_on(kLamp));
  read(kSwitch, false);
  step();
  EXPECT_FALSE(guard.is_overridden(kLamp));
}

TEST_F(GuardTest, ASwitchWaitsUntilWhatItWouldEndangerIsSafe) {
  drive(kHeater, true);
  authority.take_lease(kHeater, actor(1), from_ms(5000), now);
  read(kHand, true);
  step();
  EXPECT_FALSE(is_on(kHeater)) << "it needs the cooler off";
  EXPECT_EQ(causes(), Causes{Cause::interlock});
  EXPECT_FALSE(is_on(kCooler)) << "nobody has seen yet that the heater is off";
  now += from_ms(10);
  read(kHeater, false);
  step();
  EXPECT_TRUE(is_on(kCooler));
  EXPECT_EQ(causes(), Causes{Cause::local_override});
}

TEST_F(GuardTest, WhatASwitchHasOnStaysOnWhileAnotherIsUnderWay) {
  read(kHand, true);
  step();
  ASSERT_TRUE(is_on(kCooler));
  outputs.state(kCooler).now.pulse_ends = now;
  read(kHeater, false,
       Quality::fault);  // nobody knows any more whether it is safe, which needs the cooler off
  step();
  EXPECT_TRUE(is_on(kCooler)) << "it has it already";
  EXPECT_EQ(causes(), Causes{Cause::local_override}) << "and the end of a pulse moves nothing";
}

TEST_F(GuardTest, ASwitchThatOpensBeforeItWasObeyedGivesBackWhatWasWanted) {
  drive(kLamp, true);
  authority.take_lease(kLamp, actor(1), from_ms(1000), now);
  lines.at_once = false;
  step(from_ms(1000));  // its lease ends, and its line hangs
  read(kSwitch, true);
  step();
  EXPECT_EQ(failsafe.cause_of(kLamp), Cause::local_override);
  read(kSwitch, false);
  step();
  EXPECT_EQ(failsafe.cause_of(kLamp), Cause::lease_ended);
  lines.finish("lamp");
  step();
  EXPECT_FALSE(is_on(kLamp)) << "nobody has it by lease";
  EXPECT_EQ(causes(), Causes{Cause::lease_ended});
}

TEST_F(GuardTest, WhileAnOutputIsBeingDeclaredAnewItsOldSwitchIsNotAsked) {
  drive(kLamp, false);
  read(kSwitch, true);
  step();
  guard.withhold(device::ChannelSet{}.set(kLamp), Actor{}, now);
  step();
  EXPECT_FALSE(is_on(kLamp));
  guard.give_back();
  read(kSwitch, false, Quality::stale);  // the new one, which nobody has read yet
  step();
  EXPECT_FALSE(guard.is_overridden(kLamp));
  EXPECT_FALSE(is_on(kLamp));
}

TEST_F(GuardTest, AfterAStopASwitchCountsOnceItWasOpen) {
  drive(kLamp, false);
  read(kSwitch, true);
  step();
  EXPECT_TRUE(is_on(kLamp));
  guard.stop(actor(2, "bob"), now);
  step();
  EXPECT_FALSE(is_on(kLamp));
  EXPECT_TRUE(guard.reset(actor(1, "ann"), now).has_value());
  step();
  EXPECT_FALSE(is_on(kLamp)) << "reset restores nothing";
  EXPECT_TRUE(guard.is_overridden(kLamp)) << "nor does it give the output to the wire";
  read(kSwitch, false);
  step();
  read(kSwitch, true);
  step();
  EXPECT_TRUE(is_on(kLamp));
}

TEST_F(GuardTest, StopMakesEverythingSafeAndLatches) {
  drive(kHeater, true);
  drive(kCooler, true);
  authority.take_lease(kHeater, actor(1), from_ms(5000), now);
  guard.stop(actor(2, "bob"), now);
  step();
  EXPECT_EQ(causes(), (Causes{Cause::stop, Cause::stop, Cause::stop}));
  EXPECT_FALSE(is_on(kHeater));
  EXPECT_FALSE(is_on(kCooler));
  EXPECT_FALSE(is_on(kLamp));
  EXPECT_TRUE(guard.is_stopped());
  for (int i = 0; i < 200; ++i) {
    guard.stop(actor(3, "eve"), now);
    step(from_ms(1));
  }
  ASSERT_EQ(stops.size(), 1U) << "stopped already: no news";
  EXPECT_TRUE(told.empty()) << "a button that repeats does not fill the journal";
  EXPECT_EQ(stops[0].by.name.view(), "bob");
  EXPECT_TRUE(stops[0].stopped);
  EXPECT_EQ(authority.lease(kHeater).held_by.holder, kNobody) << "a lease is no claim to what comes after";
  step(from_ms(60'000));
  EXPECT_TRUE(guard.is_stopped());
  read(kSwitch, true);
  step();
  EXPECT_FALSE(is_on(kLamp)) << "a stop is stronger than a switch";
  read(kSwitch, false);
  told.clear();
  EXPECT_TRUE(guard.reset(actor(1, "ann"), now).has_value());
  step();
  EXPECT_TRUE(told.empty()) << "reset restores nothing";
  ASSERT_EQ(stops.size(), 2U);
  EXPECT_EQ(stops[1].by.name.view(), "ann");
  EXPECT_FALSE(stops[1].stopped);
}

TEST_F(GuardTest, TheWiredStop) {
  read(kButton, true);
  step();
  EXPECT_TRUE(guard.is_stopped());
  ASSERT_EQ(stops.size(), 1U);
  EXPECT_EQ(stops[0].by.holder, kNobody);
  EXPECT_EQ(guard.reset(Actor{}, now).error().reason, Reason::stopped) << "still pressed";
  read(kButton, false);
  step();
  EXPECT_TRUE(guard.is_stopped()) << "letting go is no reset";
  EXPECT_TRUE(guard.reset(Actor{}, now).has_value());
}

TEST_F(GuardTest, AStopFromBeforeTheStart) {
  guard.stay_stopped();
  step();
  EXPECT_TRUE(guard.is_stopped());
  EXPECT_TRUE(told.empty()) << "outputs are safe already";
  EXPECT_TRUE(stops.empty()) << "no news";
  EXPECT_TRUE(guard.reset(actor(1, "ann"), now).has_value());
  ASSERT_EQ(stops.size(), 1U);
}

TEST_F(GuardTest, AWiredStopThatCannotBeReadAnyMoreStops) {
  read(kButton, false, Quality::stale);
  step();
  EXPECT_TRUE(guard.is_stopped());
  EXPECT_FALSE(guard.reset(Actor{}, now).has_value());
}

TEST_F(GuardTest, LosingTheBatonMakesSafeWhatWasHeldByLease) {
  drive(kHeater, true);
  authority.take_lease(kHeater, actor(1), from_ms(5000), now);
  guard.baton_lost(0, actor(3), actor(2, "bob"), now);
  step();
  EXPECT_TRUE(is_on(kHeater)) << "somebody else held the baton, not the lease";
  guard.baton_lost(0, actor(1), actor(2, "bob"), now);
  step();
  EXPECT_FALSE(is_on(kHeater));
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].cause, Cause::baton_lost);
  EXPECT_EQ(told[0].actor.name.view(), "bob");
}

TEST_F(GuardTest, AfterShutDownNothingMovesAnyMore) {
  drive(kHeater, true);
  guard.shut_down(now);
  step();
  told.clear();
  read(kSwitch, true);
  step(from_ms(1000));
  EXPECT_TRUE(told.empty());
  EXPECT_FALSE(is_on(kLamp));
}

TEST_F(GuardTest, AnOutputThatNeedsALeaseIsOnForNobodyElse) {
  drive(kHeater, true);
  step();
  EXPECT_FALSE(is_on(kHeater));
  EXPECT_EQ(causes(), Causes{Cause::lease_ended});
}

TEST_F(GuardTest, ASwitchThatOpensBeforeItWasObeyedMovesNothing) {
  drive(kLamp, false);
  lines.at_once = false;
  read(kSwitch, true);
  step();
  lines.finish("lamp", Completion::failed);
  step();
  EXPECT_TRUE(failsafe.has_demand(kLamp)) << "tried again in a while";
  read(kSwitch, false);
  step(from_ms(1000));
  EXPECT_FALSE(failsafe.has_demand(kLamp));
  EXPECT_EQ(lines.writes.size(), 2U);
}

TEST_F(GuardTest, ASwitchThatOpensWhileItIsObeyedWithdrawsThat) {
  drive(kLamp, false);
  lines.at_once = false;
  read(kSwitch, true);
  step();
  EXPECT_TRUE(lines.is_moving("lamp"));
  read(kSwitch, false);
  step();
  EXPECT_FALSE(lines.is_moving("lamp"));
  EXPECT_FALSE(is_on(kLamp));
}

TEST_F(GuardTest, AWiredStopThatWasNeverReadStopsAndCannotBeReset) {
  latest[kButton] = device::Latest{};
  step();
  EXPECT_FALSE(guard.is_stopped()) << "it gets the time that a reading has";
  EXPECT_EQ(guard.reset(Actor{}, now).error().reason, Reason::stopped);
  step(outputs.channel(kButton).stale_after);
  EXPECT_TRUE(guard.is_stopped());
  read(kButton, false);
  step();
  EXPECT_TRUE(guard.reset(Actor{}, now).has_value());
}

TEST_F(GuardTest, AStopDuringShutDownIsToldAndLatches) {
  guard.shut_down(now);
  EXPECT_FALSE(guard.is_stopped());
  read(kButton, true);
  step();
  EXPECT_TRUE(guard.is_stopped());
  EXPECT_EQ(stops.size(), 1U);
}

}  // namespace
}  // namespace signalbox::control
