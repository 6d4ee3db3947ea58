#include <gtest/gtest.h>

#include "tests/firmware/session/bench.hpp"

namespace signalbox::session {
namespace {

constexpr std::string_view kHeldFile = R"({"device":{"id":"held"},"parts":[
  {"kind":"relay","line":"heater","periodMs":50,"channels":{"state":{"path":"cabin/heater","safe":false,
      "baton":"cabin","lease":{"required":true,"maxMs":2000}}}},
  {"kind":"relay","line":"lamp","channels":{"state":{"path":"lamp","safe":false}}}]})";

/// Commands that are asked for twice, and outputs that somebody holds.
class HeldAndRepeatedTest : public testing::Test {
 protected:
  HeldAndRepeatedTest() { bench.pass(from_ms(200)); }

  /// Sends a request, lets it come to its end, and what that was: an outcome or a reason.
  std::string ask(Client& client, std::string_view type, std::string_view payload,
                  const std::string& id = "m") {
    client.messages.clear();
    bench.send(client, R"({"type":")" + std::string{type} + R"(","msgId":")" + id + R"(","payload":{)" +
                           std::string{payload} + "}}");
    bench.pass(from_ms(50));
    const Message& last = client.last(id);
    const std::string word = last.at(last.type() == "error" ? "payload.reason" : "payload.outcome");
    return word.size() < 2 ? word : word.substr(1, word.size() - 2);
  }
  std::string detail(Client& client) { return client.messages.back().at("payload.detail"); }

  Bench bench{kEventfulBudget, kHeldFile};
  Client& ann = bench.join();
  Client& bob = bench.join();
};

TEST_F(HeldAndRepeatedTest, ARepeatOfWhatIsUnderWayGetsTheSameAnswer) {
  Client& eve = bench.join();
  const std::string message =
      R"({"type":"command","msgId":"x1","payload":{"channel":"lamp","value":true,"clientId":"panel"}})";
  for (Client* client : {&ann, &bob, &eve}) {
    client->messages.clear();
    bench.send(*client, message);
  }
  bench.pass(from_ms(50));
  EXPECT_EQ(ann.last("x1").at("payload.outcome"), R"("applied")");
  EXPECT_EQ(bob.last("x1").at("payload.outcome"), R"("applied")");
  EXPECT_EQ(eve.last("x1").at("payload.reason"), R"("busy")") << "two wait already";
}

TEST_F(HeldAndRepeatedTest, WhatWasRefusedIsNotRemembered) {
  constexpr std::string_view kText = R"("channel":"lamp","value":"bright","clientId":"panel")";
  EXPECT_EQ(ask(ann, "command", kText, "x1"), "malformed");
  EXPECT_EQ(ask(ann, "command", R"("channel":"lamp","value":true,"clientId":"panel")", "x1"), "applied");
}

TEST_F(HeldAndRepeatedTest, OnlyWhatIsHeldByLeaseIsRenewed) {
  EXPECT_EQ(ask(ann, "renew", R"("channel":"attic","leaseMs":1000)"), "notFound");
  EXPECT_EQ(ask(ann, "renew", R"("channel":"lamp","leaseMs":1000)"), "notFound");
  EXPECT_EQ(detail(ann), R"("this output is not held by lease")");
}

TEST_F(HeldAndRepeatedTest, PresenceSaysWhoHoldsWhat) {
  EXPECT_EQ(ask(ann, "command", R"("channel":"cabin/heater","value":true,"leaseMs":1000)"), "applied");
  EXPECT_EQ(ask(ann, "baton", R"("group":"cabin","action":"take")"), "taken");
  bob.messages.clear();
  bench.send(bob, R"({"type":"presence","msgId":"p","payload":{}})");
  bench.pass(from_ms(20));
  const std::string page = bob.last("p").text;
  EXPECT_NE(page.find(R"("batons":["cabin"],"leases":["cabin/heater"])"), std::string::npos) << page;
  EXPECT_NE(page.find(R"("batons":[],"leases":[])"), std::string::npos) << page;
}

TEST_F(HeldAndRepeatedTest, WhoWaitedAndIsGoneMakesRoom) {
  bench.faults.add({sim::FaultKind::hung, "lamp", bench.now(), kNever});
  const std::string message =
      R"({"type":"command","msgId":"x1","payload":{"channel":"lamp","value":true,"clientId":"panel"}})";
  bench.send(ann, message);
  bench.pass(from_ms(10));
  bench.leave(ann);
  for (int i = 0; i < 3; ++i) {
    Client& again = bench.join();
    bench.send(again, message);
    bench.pass(from_ms(10));
    EXPECT_EQ(again.answers("x1"), "progress");
    bench.leave(again);
  }
}

TEST_F(HeldAndRepeatedTest, AClientIdAloneIsNoName) {
  bench.send(ann, R"({"type":"command","payload":{"channel":"lamp","value":true,"clientId":"panel"}})");
  bench.pass(from_ms(50));
  EXPECT_EQ(ann.messages.back().at("payload.reason"), R"("malformed")");
  EXPECT_EQ(ann.messages.back().at("payload.field"), R"("msgId")");
}

TEST_F(HeldAndRepeatedTest, WhoHasTheLeaseMovesOnWithoutAskingForItAgain) {
  EXPECT_EQ(ask(ann, "baton", R"("group":"cabin","action":"take")"), "taken");
  EXPECT_EQ(ask(ann, "command", R"("channel":"cabin/heater","value":true)"), "malformed");
  EXPECT_EQ(ask(ann, "command", R"("channel":"cabin/heater","value":true,"leaseMs":2000)"), "applied");
  EXPECT_EQ(ask(ann, "command", R"("channel":"cabin/heater","value":false)"), "applied");
  EXPECT_EQ(ask(ann, "command", R"("channel":"cabin/heater","value":true)"), "applied");
}

TEST_F(HeldAndRepeatedTest, WhoMayMoveNothingThatIsThereStopsNothing) {
  Client& eve = bench.join_with(bench.issue("eve", "read:# control:elsewhere/#"));
  EXPECT_EQ(ask(eve, "stop", ""), "forbidden");
  EXPECT_EQ(detail(eve), R"("you may move nothing on this device, so you cannot stop it")");
  EXPECT_EQ(ask(ann, "command", R"("channel":"lamp","value":true)"), "applied") << "nothing was stopped";
}

}  // namespace
}  // namespace signalbox::session
