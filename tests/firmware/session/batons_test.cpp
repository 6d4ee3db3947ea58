// Exclusive control of a group, and what it does to leases.
#include "tests/firmware/session/gate_bench.hpp"

namespace signalbox::session {
namespace {

class BatonsTest : public GateBench {
 protected:
  const std::string of_ann = ann.messages.at(0).at("payload.session");
  const std::string of_bob = bob.messages.at(0).at("payload.session");
};

TEST_F(BatonsTest, TheBatonGoesFromHandToHand) {
  subscribe_events(ann);
  EXPECT_EQ(ask(ann, "baton", R"("group":"cabin","action":"take")"), "taken");
  EXPECT_EQ(ask(bob, "baton", R"("group":"cabin","action":"take")"), "held");
  EXPECT_EQ(ask(bob, "command", R"("channel":"cabin/fan","value":5)"), "held");
  ann.messages.clear();
  EXPECT_EQ(ask(bob, "baton", R"("group":"cabin","action":"request")"), "requested");
  ASSERT_EQ(events(ann, "batonRequested").size(), 1U);
  EXPECT_EQ(events(ann, "batonRequested")[0].at("payload.holderSession"), of_ann);
  EXPECT_EQ(ask(ann, "baton", R"("group":"cabin","action":"grant")"), "granted");
  ASSERT_EQ(events(ann, "batonMoved").size(), 1U);
  EXPECT_EQ(events(ann, "batonMoved")[0].at("payload.session"), of_ann) << "who did it";
  EXPECT_EQ(events(ann, "batonMoved")[0].at("payload.holderSession"), of_bob) << "who has it";
  EXPECT_EQ(ask(bob, "command", R"("channel":"cabin/fan","value":5)"), "applied");
  EXPECT_EQ(ask(ann, "command", R"("channel":"cabin/fan","value":5)"), "held");
  EXPECT_EQ(ask(ann, "baton", R"("group":"garden","action":"take")"), "notFound");
}

TEST_F(BatonsTest, ABatonIsForWhoMayMoveItsGroup) {
  Client& guest = bench.join_with(bench.issue("guest", "read:# control:lamp"));
  for (const char* action : {"take", "request", "grant"}) {
    EXPECT_EQ(ask(guest, "baton", R"("group":"cabin","action":")" + std::string{action} + '"'), "forbidden");
    EXPECT_EQ(guest.messages.back().at("payload.field"), R"("payload.group")");
  }
  bench.leave(guest);
  EXPECT_EQ(ask(bench.join_with(bench.issue("fan", "control:cabin/fan")), "baton",
                R"("group":"cabin","action":"take")"),
            "taken")
      << "one of its outputs will do";
}

TEST_F(BatonsTest, WhoeverElseHasTheBatonEndsRenewals) {
  EXPECT_EQ(ask(ann, "command", kHeat), "applied");
  EXPECT_EQ(ask(bob, "baton", R"("group":"cabin","action":"take")"), "taken");
  EXPECT_EQ(ask(ann, "renew", R"("channel":"cabin/heater","leaseMs":2000)"), "held");
  bench.pass(from_ms(1000));
  EXPECT_FALSE(is_on(kHeater));
  EXPECT_EQ(ask(bob, "command", kHeat), "applied");
}

TEST_F(BatonsTest, ABatonThatGoesByItselfIsTold) {
  subscribe_events(bob);
  EXPECT_EQ(ask(ann, "baton", R"("group":"cabin","action":"take")"), "taken");
  EXPECT_EQ(ask(bob, "baton", R"("group":"cabin","action":"request")"), "requested");
  bench.leave(ann);
  std::size_t moves = 0;
  for (int i = 0; i < 61; ++i) {
    bob.messages.clear();
    bench.send(bob, R"({"type":"ping"})");
    bench.pass(from_ms(1000));
    for (const Message& moved : events(bob, "batonMoved")) {
      ++moves;
      EXPECT_EQ(moved.at("payload.group"), R"("cabin")");
      EXPECT_EQ(moved.at("payload.by"), "") << "nobody did it";
      EXPECT_EQ(moved.at("payload.holderSession"), of_bob);
    }
  }
  EXPECT_EQ(moves, 1U);
  EXPECT_EQ(ask(bob, "baton", R"("group":"cabin","action":"grant")"), "granted") << "it was the next";
}

TEST_F(BatonsTest, WhatHasNotReachedTheHardwareGoesWithTheBaton) {
  EXPECT_EQ(ask(bob, "baton", R"("group":"cabin","action":"take")"), "taken");
  bench.faults.add({sim::FaultKind::hung, "fan", bench.now(), bench.now() + from_ms(2000)});
  bench.send(
      bob,
      R"({"type":"command","msgId":"late","payload":{"channel":"cabin/fan","value":60,"deadlineMs":9000}})");
  bench.pass(from_ms(100));
  EXPECT_EQ(ask(ann, "baton", R"("group":"cabin","action":"steal")"), "stolen");
  bench.pass(from_ms(100));
  EXPECT_EQ(bob.reason("late"), R"("held")");
  bench.pass(from_ms(3000));
  EXPECT_DOUBLE_EQ(bench.platform.fan().duty(), 0.0) << "nobody moves it after that";
}

TEST_F(BatonsTest, StealingOnesOwnBatonTakesNothing) {
  EXPECT_EQ(ask(ann, "baton", R"("group":"cabin","action":"take")"), "taken");
  EXPECT_EQ(ask(ann, "command", kHeat), "applied");
  EXPECT_EQ(ask(ann, "baton", R"("group":"cabin","action":"steal")"), "stolen");
  bench.pass(from_ms(100));
  EXPECT_TRUE(is_on(kHeater));
}

TEST_F(BatonsTest, StealingTheBatonMakesLeasedOutputsSafe) {
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

}  // namespace
}  // namespace signalbox::session
