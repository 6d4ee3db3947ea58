#include "session/control_gate.hpp"

#include <gtest/gtest.h>

#include "tests/firmware/session/bench.hpp"

namespace signalbox::session {
namespace {

constexpr std::string_view kFile = R"({"device":{"id":"gate"},"parts":[
  {"kind":"relay","line":"heater","periodMs":50,"channels":{"state":{"path":"cabin/heater","safe":false,
      "baton":"cabin","lease":{"required":true,"maxMs":2000},"interlocks":[{"channel":"cabin/door","is":false}]}}},
  {"kind":"pwmFan","output":"fan","channels":{"duty":{"path":"cabin/fan","range":[0,100],"safe":0,"baton":"cabin"}}},
  {"kind":"relay","line":"lamp","channels":{"state":{"path":"lamp","safe":false,"pulseMaxMs":300}}},
  {"kind":"digitalInput","line":"door","periodMs":50,"channels":{"state":{"path":"cabin/door"}}},
  {"kind":"digitalInput","line":"stop-button","periodMs":50,"channels":{"state":{"path":"stopButton"}}}],
  "stop":{"channel":"stopButton","is":true}})";

class ControlGateTest : public testing::Test {
 protected:
  ControlGateTest() { bench.pass(from_ms(200)); }

  /// Sends a request, lets it come to its end, and what that was: an outcome or a reason.
  std::string ask(Client& client, std::string_view type, std::string_view payload) {
    const std::string id = "m" + std::to_string(++asked);
    return ask_as(client, id, type, payload);
  }
  std::string ask_as(Client& client, const std::string& id, std::string_view type, std::string_view payload) {
    client.messages.clear();
    bench.send(client, R"({"type":")" + std::string{type} + R"(","msgId":")" + id + R"(","payload":{)" +
                           std::string{payload} + "}}");
    bench.pass(from_ms(50));
    const Message last = client.last(id);
    const std::string word = last.at(last.type() == "error" ? "payload.reason" : "payload.outcome");
    return word.size() < 2 ? word : word.substr(1, word.size() - 2);
  }
  std::string detail(Client& client) { return client.messages.back().at("payload.detail"); }
  /// What resumes that client's session, from its welcome.
  static std::string resume_of(const Client& client) {
    const Message& welcome = client.messages.front();
    return R"("session":)" + welcome.at("payload.session") + R"(,"sessionToken":)" +
           welcome.at("payload.sessionToken");
  }
  bool is_on(device::ChannelIndex channel) {
    return bench.machine.values().of(channel).sample.value == device::Value{true};
  }
  void subscribe_events(Client& client) {
    bench.send(client,
               R"({"type":"subscribe","msgId":"s","payload":{"id":"s","paths":["#"],"events":true}})");
    bench.pass(from_ms(20));
    client.messages.clear();
  }
  std::vector<Message> events(const Client& client, std::string_view name) {
    std::vector<Message> found;
    for (const Message& message : client.messages)
      if (message.type() == "event" && message.at("payload.name") == '"' + std::string{name} + '"')
        found.push_back(message);
    return found;
  }

  static constexpr std::string_view kHeat = R"("channel":"cabin/heater","value":true,"leaseMs":1000)";
  enum : device::ChannelIndex { kHeater, kFan, kLamp, kDoor };
  Bench bench{kEventfulBudget, kFile};
  Client& ann = bench.join();
  Client& bob = bench.join();
  int asked = 0;
};

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

TEST_F(ControlGateTest, AReturningHolderKeepsItsLeaseAndItsBaton) {
  const std::string proof = resume_of(ann);
  EXPECT_EQ(ask(ann, "baton", R"("group":"cabin","action":"take")"), "taken");
  EXPECT_EQ(ask(ann, "command", kHeat), "applied");
  bench.leave(ann);
  bench.pass(from_ms(100));
  EXPECT_EQ(ask(bob, "baton", R"("group":"cabin","action":"take")"), "held") << "it may still return";
  Client& back = bench.join();
  EXPECT_EQ(ask(back, "renew", R"("channel":"cabin/heater","leaseMs":2000)"), "notFound");
  EXPECT_EQ(ask(back, "resume", proof), "resumed");
  EXPECT_EQ(ask(back, "renew", R"("channel":"cabin/heater","leaseMs":2000)"), "renewed");
  bench.pass(from_ms(1500));
  EXPECT_TRUE(is_on(kHeater)) << "by the renewal; returning alone renews nothing";
  EXPECT_EQ(ask(back, "resume", proof), "notFound") << "once";
  EXPECT_EQ(ask(bob, "resume", R"("session":"1-1","sessionToken":"guess")"), "forbidden");
}

TEST_F(ControlGateTest, WhoDoesNotReturnInTimeLosesTheBaton) {
  const std::string proof = resume_of(ann);
  EXPECT_EQ(ask(ann, "baton", R"("group":"cabin","action":"take")"), "taken");
  bench.leave(ann);
  for (int i = 0; i < 61; ++i) {
    bench.pass(from_ms(1000));
    ask(bob, "ping", "");
  }
  EXPECT_EQ(ask(bob, "baton", R"("group":"cabin","action":"take")"), "taken");
  Client& back = bench.join();
  EXPECT_EQ(ask(back, "resume", proof), "notFound");
}

TEST_F(ControlGateTest, ResumingTwiceWhileTheOldConnectionLingersLosesNothing) {
  const std::string proof = resume_of(ann);
  EXPECT_EQ(ask(ann, "command", kHeat), "applied");
  ann.reads = false;  // so that it cannot be closed
  EXPECT_EQ(ask(bob, "resume", proof), "resumed");
  EXPECT_EQ(ask(bob, "resume", proof), "notFound");
  EXPECT_EQ(ask(bob, "renew", R"("channel":"cabin/heater","leaseMs":2000)"), "renewed");
  EXPECT_EQ(ask(bob, "command", R"("channel":"cabin/heater","action":"release")"), "applied");
  EXPECT_EQ(ask(bob, "command", R"("channel":"cabin/heater","value":true)"), "malformed")
      << "without a lease it does not move";
}

TEST_F(ControlGateTest, ResumingASessionThatHasSaidGoodbyeSaysItNoSecondTime) {
  const std::string proof = resume_of(ann);
  bench.machine.door().refuse(ann.session, 1003, "no text", bench.now());
  ann.reads = false;
  bench.take(ann);
  ASSERT_EQ(ann.count("goodbye"), 1U);
  EXPECT_EQ(ask(bob, "resume", proof), "resumed");
  ann.reads = true;
  bench.pass(from_ms(300));
  EXPECT_EQ(ann.count("goodbye"), 1U);
  EXPECT_EQ(ann.close_code, 1003);
}

TEST_F(ControlGateTest, WhoseSessionWasResumedMovesNothingAnyMore) {
  const std::string proof = resume_of(ann);
  bench.send(bob, R"({"type":"resume","msgId":"r","payload":{)" + proof + "}}");
  bench.send(ann, R"({"type":"command","msgId":"c","payload":{"channel":"cabin/heater","value":true}})");
  bench.send(ann, R"({"type":"ping","msgId":"p"})");
  bench.pass(from_ms(300));
  EXPECT_FALSE(is_on(kHeater)) << "nobody has a lease";
  EXPECT_EQ(ann.answers("c") + ann.answers("p"), "");
  EXPECT_EQ(ann.count("goodbye"), 1U);
  EXPECT_EQ(ann.close_code, 1000);
}

TEST_F(ControlGateTest, HandshakesThatNeverOpenTakeNobodysReturn) {
  const std::string proof = resume_of(ann);
  EXPECT_EQ(ask(ann, "baton", R"("group":"cabin","action":"take")"), "taken");
  bench.leave(ann);
  for (int i = 0; i < 10; ++i) {
    Client* half = bench.arrive(bench.token());
    ASSERT_NE(half, nullptr);
    bench.leave(*half);
  }
  EXPECT_EQ(ask(bench.join(), "resume", proof), "resumed");
}

TEST_F(ControlGateTest, ResumingClosesTheOldConnection) {
  const std::string proof = resume_of(ann);
  EXPECT_EQ(ask(ann, "command", kHeat), "applied");
  EXPECT_EQ(ask(bob, "resume", proof), "resumed") << "the old connection may be half dead";
  bench.pass(from_ms(300));
  EXPECT_EQ(ann.close_code, 1000);
  EXPECT_EQ(ask(bob, "renew", R"("channel":"cabin/heater","leaseMs":2000)"), "renewed");
}

TEST_F(ControlGateTest, ReleaseLetsGoAtOnce) {
  EXPECT_EQ(ask(ann, "command", kHeat), "applied");
  EXPECT_EQ(ask(bob, "command", R"("channel":"cabin/heater","action":"release")"), "held");
  EXPECT_EQ(ask(ann, "command", R"("channel":"cabin/heater","action":"release")"), "applied");
  bench.pass(from_ms(100));
  EXPECT_FALSE(is_on(kHeater));
  EXPECT_EQ(ask(bob, "command", kHeat), "applied");
}

TEST_F(ControlGateTest, ThePulseIsClampedAndEnds) {
  EXPECT_EQ(ask(ann, "command", R"("channel":"lamp","action":"pulse","pulseMs":60000)"), "applied");
  bench.pass(from_ms(220));
  bench.pass(from_ms(1200));
  EXPECT_FALSE(is_on(kLamp));
  EXPECT_EQ(ask(ann, "command", R"("channel":"cabin/heater","action":"pulse","pulseMs":10)"), "malformed");
}

TEST_F(ControlGateTest, TheBatonGoesFromHandToHand) {
  subscribe_events(ann);
  EXPECT_EQ(ask(ann, "baton", R"("group":"cabin","action":"take")"), "taken");
  EXPECT_EQ(ask(bob, "baton", R"("group":"cabin","action":"take")"), "held");
  EXPECT_EQ(ask(bob, "command", R"("channel":"cabin/fan","value":5)"), "held");
  ann.messages.clear();
  EXPECT_EQ(ask(bob, "baton", R"("group":"cabin","action":"request")"), "requested");
  EXPECT_EQ(events(ann, "batonRequested").size(), 1U);
  EXPECT_EQ(ask(ann, "baton", R"("group":"cabin","action":"grant")"), "granted");
  EXPECT_EQ(ask(bob, "command", R"("channel":"cabin/fan","value":5)"), "applied");
  EXPECT_EQ(ask(ann, "command", R"("channel":"cabin/fan","value":5)"), "held");
  EXPECT_EQ(ask(ann, "baton", R"("group":"garden","action":"take")"), "notFound");
}

TEST_F(ControlGateTest, StealingTheBatonMakesLeasedOutputsSafe) {
  EXPECT_EQ(ask(bob, "baton", R"("group":"cabin","action":"take")"), "taken");
  EXPECT_EQ(ask(bob, "command", kHeat), "applied");
  subscribe_events(bob);
  EXPECT_EQ(ask(ann, "baton", R"("group":"cabin","action":"steal")"), "stolen");
  bench.pass(from_ms(100));
  EXPECT_FALSE(is_on(kHeater));
  EXPECT_EQ(events(bob, "batonStolen").size(), 1U);
  ASSERT_EQ(events(bob, "actuated").size(), 1U);
  EXPECT_EQ(events(bob, "actuated")[0].at("payload.cause"), R"("batonLost")");
  EXPECT_EQ(ask(bob, "command", kHeat), "held");
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
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(ask(ann, "command", R"("channel":"lamp","value":true,"clientId":"panel")"), "applied");
  EXPECT_EQ(ask(ann, "command", R"("channel":"lamp","value":true,"clientId":"panel")"), "busy");
  EXPECT_EQ(ask(ann, "command", R"("channel":"lamp","value":true)"), "applied") << "nothing to remember";
}

TEST_F(ControlGateTest, AForeignEpochNeverRuns) {
  EXPECT_EQ(ask(ann, "command", R"("channel":"lamp","value":true,"clientId":"p","epoch":"before")"),
            "foreignEpoch");
  EXPECT_FALSE(is_on(kLamp));
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

}  // namespace
}  // namespace signalbox::session
