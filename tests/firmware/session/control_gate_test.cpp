#include "session/control_gate.hpp"

#include "tests/firmware/session/gate_bench.hpp"

namespace signalbox::session {
namespace {

class ControlGateTest : public GateBench {};

TEST_F(ControlGateTest, ALeaseIsAskedForHeldAndRunsOut) {
  subscribe_events(bob);
  EXPECT_EQ(ask(ann, "command", R"("channel":"cabin/heater","value":true)"), "malformed");
  EXPECT_EQ(ann.messages.back().at("payload.field"), R"("payload.leaseMs")");
  EXPECT_EQ(ask(ann, "command", R"("channel":"cabin/fan","value":5,"leaseMs":100)"), "malformed")
      << "an output that is not held by lease";
  EXPECT_EQ(ask(ann, "command", kHeat), "applied");
  EXPECT_EQ(ask(bob, "command", R"("channel":"cabin/heater","value":false)"), "held");
  EXPECT_NE(bob.last("m4").at("payload.retryAfterMs"), "");
  EXPECT_EQ(ask(bob, "renew", R"("channel":"cabin/heater","leaseMs":1000)"), "notFound");
  bob.messages.clear();
  bench.pass(from_ms(1000));
  EXPECT_FALSE(is_on(kHeater));
  const auto moved = events(bob, "actuated");
  ASSERT_EQ(moved.size(), 1U);
  EXPECT_EQ(moved[0].at("payload.cause"), R"("leaseEnded")");
  EXPECT_EQ(moved[0].at("payload.by"), R"("owner")");
  EXPECT_EQ(moved[0].at("payload.to"), "false");
  EXPECT_EQ(ask(ann, "renew", R"("channel":"cabin/heater","leaseMs":1000)"), "notFound") << "too late";
}

TEST_F(ControlGateTest, OnlyRenewKeepsALease) {
  EXPECT_EQ(ask(ann, "command", kHeat), "applied");
  for (int i = 0; i < 4; ++i) {
    bench.pass(from_ms(700));
    EXPECT_EQ(ask(ann, "renew", R"("channel":"cabin/heater","leaseMs":1000)"), "renewed");
  }
  EXPECT_TRUE(is_on(kHeater));
  bench.pass(from_ms(700));
  EXPECT_EQ(ask(ann, "command", kHeat), "applied") << "moving it is no renewal";
  bench.pass(from_ms(400));
  EXPECT_FALSE(is_on(kHeater));
}

TEST_F(ControlGateTest, TheDeadManCase) {
  EXPECT_EQ(ask(ann, "command", kHeat), "applied");
  subscribe_events(bob);
  bench.leave(ann);
  bench.pass(from_ms(900));
  EXPECT_TRUE(is_on(kHeater)) << "a lease outlives its connection, but no longer than it lasts";
  bench.pass(from_ms(100));
  EXPECT_FALSE(is_on(kHeater));
  EXPECT_EQ(events(bob, "actuated").size(), 1U);
}

TEST_F(ControlGateTest, ReleaseLetsGoAtOnce) {
  EXPECT_EQ(ask(ann, "command", kHeat), "applied");
  EXPECT_EQ(ask(bob, "command", R"("channel":"cabin/heater","action":"release")"), "held");
  EXPECT_EQ(ask(ann, "command", R"("channel":"cabin/heater","action":"release")"), "applied");
  bench.pass(from_ms(100));
  EXPECT_FALSE(is_on(kHeater));
  EXPECT_EQ(ask(bob, "command", kHeat), "applied");
}

TEST_F(ControlGateTest, AnInterlockRefusesAndTrips) {
  bench.world.hold_door(true);
  bench.pass(from_ms(100));
  EXPECT_EQ(ask(ann, "command", kHeat), "interlocked");
  EXPECT_EQ(detail(ann), R"("cabin/door must be false")");
  bench.world.hold_door(false);
  bench.pass(from_ms(100));
  EXPECT_EQ(ask(ann, "command", kHeat), "applied");
  bench.world.hold_door(true);
  bench.pass(from_ms(200));
  EXPECT_FALSE(is_on(kHeater));
}

TEST_F(ControlGateTest, StopIsAtOnceLatchesAndIsReset) {
  subscribe_events(bob);
  EXPECT_EQ(ask(ann, "command", kHeat), "applied");
  EXPECT_EQ(ask(bob, "stop", ""), "stopped");
  bench.pass(from_ms(100));
  EXPECT_FALSE(is_on(kHeater));
  EXPECT_EQ(ask(ann, "command", R"("channel":"lamp","value":true)"), "stopped");
  EXPECT_EQ(ask(ann, "reset", ""), "reset");
  EXPECT_EQ(ask(ann, "command", R"("channel":"lamp","value":true)"), "applied");
  EXPECT_EQ(events(bob, "reset").size(), 1U);
  bob.messages.clear();
  EXPECT_EQ(ask(ann, "stop", ""), "stopped");
  ASSERT_EQ(events(bob, "stopped").size(), 1U);
  EXPECT_EQ(events(bob, "stopped")[0].at("payload.by"), R"("owner")");
}

TEST_F(ControlGateTest, TheWiredStopStopsToo) {
  EXPECT_EQ(ask(ann, "command", kHeat), "applied");
  subscribe_events(bob);
  bench.world.press_stop(true);
  bench.pass(from_ms(200));
  EXPECT_FALSE(is_on(kHeater));
  ASSERT_EQ(events(bob, "stopped").size(), 1U);
  EXPECT_EQ(events(bob, "stopped")[0].at("payload.by"), "") << "nobody: the device itself";
  EXPECT_EQ(ask(ann, "reset", ""), "stopped");
  bench.world.press_stop(false);
  bench.pass(from_ms(200));
  EXPECT_EQ(ask(ann, "command", kHeat), "stopped");
  EXPECT_EQ(ask(ann, "reset", ""), "reset");
  EXPECT_EQ(ask(ann, "command", kHeat), "applied");
}

TEST_F(ControlGateTest, AStopIsHandledAlthoughTheSessionIsBusy) {
  EXPECT_EQ(ask(ann, "command", kHeat), "applied");
  for (int i = 0; i < 2; ++i)
    bench.command(ann, "q" + std::to_string(i), R"("channel":"cabin/fan","value":50)");
  bench.command(ann, "q2", R"("channel":"cabin/fan","value":50)");
  bench.send(ann, R"({"type":"stop","msgId":"st"})");
  bench.pass(from_ms(100));
  EXPECT_EQ(ann.reason("q2"), R"("busy")");
  EXPECT_EQ(ann.outcome("st"), R"("stopped")");
  EXPECT_EQ(ann.reason("q0"), R"("stopped")");
  EXPECT_FALSE(is_on(kHeater));
}

TEST_F(ControlGateTest, ASceneIsAllOrNone) {
  EXPECT_EQ(ask(ann, "scene",
                R"("writes":[{"channel":"cabin/heater","value":true},{"channel":"cabin/fan","value":70}],
                                 "leaseMs":1000)"),
            "malformed")
      << "the fan is not held by lease";
  EXPECT_EQ(
      ask(ann, "scene", R"("writes":[{"channel":"lamp","value":true},{"channel":"cabin/fan","value":70}])"),
      "applied");
  bench.world.hold_door(true);
  bench.pass(from_ms(100));
  EXPECT_EQ(ask(ann, "command", R"("channel":"lamp","value":false)"), "applied");
  EXPECT_EQ(ask(bob, "baton", R"("group":"cabin","action":"take")"), "taken");
  EXPECT_EQ(
      ask(ann, "scene", R"("writes":[{"channel":"lamp","value":true},{"channel":"cabin/fan","value":10}])"),
      "held");
  EXPECT_EQ(ann.messages.back().at("payload.refused"), R"([{"channel":"cabin/fan","reason":"held"}])");
  bench.pass(from_ms(1200));
  EXPECT_FALSE(is_on(kLamp));
  EXPECT_EQ(
      ask(ann, "scene", R"("writes":[{"channel":"lamp","value":true},{"channel":"cabin/fan","value":999}])"),
      "outOfRange");
  EXPECT_EQ(ann.messages.back().at("payload.field"), R"("payload.writes[1].value")");
}

TEST_F(ControlGateTest, ARepeatGetsTheStoredAnswerAndMovesNothing) {
  constexpr std::string_view kOnce = R"("channel":"lamp","action":"toggle","clientId":"panel")";
  subscribe_events(bob);
  EXPECT_EQ(ask_as(ann, "x1", "command", kOnce), "applied");
  EXPECT_EQ(events(bob, "actuated").size(), 1U);
  EXPECT_EQ(ask_as(ann, "x1", "command", kOnce), "applied");
  bench.leave(ann);
  Client& again = bench.join();
  EXPECT_EQ(ask_as(again, "x1", "command", kOnce), "applied") << "also from another connection";
  EXPECT_EQ(events(bob, "actuated").size(), 1U) << "moved once";
  EXPECT_EQ(ask_as(again, "x1", "command", R"("channel":"lamp","value":true,"clientId":"panel")"),
            "conflict");
  EXPECT_EQ(ask_as(again, "x1", "command", R"("channel":"lamp","action":"toggle","clientId":"other")"),
            "applied");
  EXPECT_EQ(events(bob, "actuated").size(), 2U) << "another client's name is another";
}

TEST_F(ControlGateTest, AFailureIsStoredToo) {
  constexpr std::string_view kHeatOnce =
      R"("channel":"cabin/heater","value":true,"leaseMs":1000,"clientId":"panel")";
  bench.world.hold_door(true);
  bench.pass(from_ms(100));
  EXPECT_EQ(ask_as(ann, "x1", "command", kHeatOnce), "interlocked");
  bench.world.hold_door(false);
  bench.pass(from_ms(100));
  EXPECT_EQ(ask_as(ann, "x1", "command", kHeatOnce), "interlocked") << "it stays what it was";
  EXPECT_EQ(ask_as(ann, "x2", "command", kHeatOnce), "applied");
}

TEST_F(ControlGateTest, AFullMemoryIsAnswered) {
  for (int i = 0; i < 9; ++i)
    EXPECT_EQ(ask(ann, "command", R"("channel":"lamp","value":true,"clientId":"panel")"), "applied");
  EXPECT_EQ(ask(ann, "command", R"("channel":"lamp","value":true,"clientId":"panel")"), "busy");
  EXPECT_EQ(detail(ann),
            R"("3 answers or more are remembered for your name, and the last places are for others")");
  Client& eve = bench.join_with(bench.issue("eve", "operator"));
  EXPECT_EQ(ask(eve, "command", R"("channel":"lamp","value":true,"clientId":"panel")"), "applied");
  EXPECT_EQ(ask(ann, "command", R"("channel":"lamp","value":true)"), "applied") << "nothing to remember";
}

TEST_F(ControlGateTest, IfVersion) {
  const std::uint64_t version = bench.machine.values().of(kLamp).version;
  EXPECT_EQ(
      ask(ann, "command", R"("channel":"lamp","value":true,"ifVersion":)" + std::to_string(version + 1)),
      "conflict");
  EXPECT_EQ(ask(ann, "command", R"("channel":"lamp","value":true,"ifVersion":)" + std::to_string(version)),
            "applied");
}

TEST_F(ControlGateTest, EveryChangeTellsWhoDidIt) {
  subscribe_events(bob);
  EXPECT_EQ(ask(ann, "command", R"("channel":"cabin/fan","value":40)"), "applied");
  const auto moved = events(bob, "actuated");
  ASSERT_EQ(moved.size(), 1U);
  EXPECT_EQ(moved[0].at("payload.channel"), R"("cabin/fan")");
  EXPECT_EQ(moved[0].at("payload.from"), "0");
  EXPECT_EQ(moved[0].at("payload.to"), "40");
  EXPECT_EQ(moved[0].at("payload.by"), R"("owner")");
  EXPECT_EQ(moved[0].at("payload.cause"), R"("command")");
}

TEST_F(ControlGateTest, WhatIsRefusedOnReceiptIsTold) {
  subscribe_events(bob);
  EXPECT_EQ(ask(ann, "command", R"("channel":"lamp","value":true,"notAfter":1)"), "expired");
  EXPECT_EQ(ask(ann, "command", R"("channel":"cabin/fan","value":101)"), "outOfRange");
  EXPECT_EQ(ask(ann, "command", R"("channel":"lamp","value":"bright")"), "malformed");
  EXPECT_EQ(
      ask(ann, "scene",
          R"("writes":[{"channel":"lamp","value":true},{"channel":"cabin/fan","value":9}],"epoch":"e0")"),
      "foreignEpoch");
  const auto told = events(bob, "notActuated");
  ASSERT_EQ(told.size(), 5U);
  EXPECT_EQ(told[0].at("payload.reason"), R"("expired")");
  EXPECT_EQ(told[0].at("payload.channel"), R"("lamp")");
  EXPECT_EQ(told[0].at("payload.to"), "true");
  EXPECT_EQ(told[1].at("payload.to"), "101");
  EXPECT_EQ(told[2].at("payload.to"), "") << "it was no value";
  EXPECT_EQ(told[4].at("payload.channel"), R"("cabin/fan")");
  ann.messages.clear();
  bench.send(ann, R"({"type":"journal","msgId":"j","payload":{"outcome":"failed"}})");
  bench.pass(from_ms(20));
  const Message page = ann.last("j");
  EXPECT_EQ(page.at("payload.records.0.outcome"), R"("expired")");
  EXPECT_EQ(page.at("payload.records.0.who"), R"("owner")");
  EXPECT_EQ(page.at("payload.records.1.after"), R"("101")");
  EXPECT_NE(page.at("payload.records.4"), "");
}

TEST_F(ControlGateTest, WhoMayNotMoveItFillsNoJournal) {
  subscribe_events(bob);
  Client& viewer = bench.join_with(bench.issue("eve", "read:# control:lamp"));
  EXPECT_EQ(ask(viewer, "command", R"("channel":"cabin/fan","value":5)"), "forbidden");
  EXPECT_TRUE(events(bob, "notActuated").empty());
}

}  // namespace
}  // namespace signalbox::session
