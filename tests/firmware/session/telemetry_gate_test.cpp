// Subscriptions that go on with the session they belong to.
#include "session/telemetry_gate.hpp"

#include <gtest/gtest.h>

#include "tests/firmware/session/bench.hpp"

namespace signalbox::session {
namespace {

constexpr Budget kRoomyBudget = [] {
  Budget budget = kTinyBudget;
  budget.history_per_channel_max = 200;
  budget.events_max = 32;
  return budget;
}();

class TelemetryGateTest : public testing::Test {
 protected:
  ~TelemetryGateTest() override {
    for (Client* client : {&ann, back})
      if (client->session) bench.leave(*client);
    EXPECT_EQ(bench.machine.sessions().publisher().gauge().used, 0U) << "nobody is subscribed any more";
  }

  void subscribe(Client& client, std::string_view id, std::string_view path, std::string_view more = "") {
    bench.send(client, R"({"type":"subscribe","msgId":"s","payload":{"id":")" + std::string{id} +
                           R"(","paths":[")" + std::string{path} + R"("],"minPeriodMs":0)" +
                           std::string{more} + "}}");
    bench.pass(from_ms(20));
  }
  /// Comes back on a new connection as who that was.
  void return_as(const Client& gone, std::string_view more = "") {
    const Message& welcome = gone.messages.front();
    back = &bench.join();
    bench.send(*back, R"({"type":"resume","msgId":"r","payload":{"session":)" +
                          welcome.at("payload.session") + R"(,"sessionToken":)" +
                          welcome.at("payload.sessionToken") + std::string{more} + "}}");
  }
  std::string since(std::uint64_t offset) const { return R"(,"offset":)" + std::to_string(offset); }
  std::uint64_t offset() const { return bench.machine.values().offset(); }
  /// What was told of that subscription.
  static std::vector<Message> told_of(const Client& client, std::string_view id) {
    std::vector<Message> told;
    for (const Message& message : client.messages)
      if (message.at("payload.id") == '"' + std::string{id} + '"') told.push_back(message);
    return told;
  }

  Bench bench{kRoomyBudget};
  Client& ann = bench.join();
  Client* back = &bench.join("jsonrpc");
};

TEST_F(TelemetryGateTest, SubscriptionsGoOnWithTheirSession) {
  subscribe(ann, "tank", "tank/level");
  subscribe(ann, "cabin", "cabin/#");
  const std::uint64_t known = offset();
  bench.leave(ann);
  bench.pass(from_ms(400));
  return_as(ann, since(known));
  bench.pass(from_ms(300));
  EXPECT_EQ(back->outcome("r"), R"("resumed")");
  EXPECT_EQ(back->last("r").at("payload.subscriptions"), "2");
  EXPECT_EQ(back->messages[1].type(), "ack") << "then what they tell, each on its own";
  for (const std::string_view id : {"tank", "cabin"}) {
    const std::vector<Message> told = told_of(*back, id);
    EXPECT_EQ(types_of(told), "missed snapshot synced") << id;
    EXPECT_EQ(told.at(1).at("payload.recovered"), "true");
    EXPECT_EQ(told.at(0).at("replyTo"), "");
    EXPECT_GT(std::stoull(told.at(0).at("payload.samples.0.offset")), known);
  }
  EXPECT_GT(back->count("telemetry"), 0U);
}

TEST_F(TelemetryGateTest, WithoutAnOffsetTheyBeginAnew) {
  subscribe(ann, "tank", "tank/level");
  bench.leave(ann);
  bench.pass(from_ms(400));
  return_as(ann);
  bench.pass(from_ms(300));
  const std::vector<Message> told = told_of(*back, "tank");
  ASSERT_EQ(types_of(told), "snapshot synced");
  EXPECT_EQ(told[0].at("payload.recovered"), "");
}

TEST_F(TelemetryGateTest, AnOffsetThatIsYetToComeIsRefusedAndNothingIsTakenOver) {
  subscribe(ann, "tank", "tank/level");
  bench.leave(ann);
  return_as(ann, since(offset() + 1'000'000));
  bench.pass(from_ms(20));
  EXPECT_EQ(back->reason("r"), R"("outOfRange")");
  return_as(ann, since(offset()));
  bench.pass(from_ms(20));
  EXPECT_EQ(back->last("r").at("payload.subscriptions"), "1");
}

TEST_F(TelemetryGateTest, EventsGoOnWhileOneOfThemAsks) {
  subscribe(ann, "first", "tank/level", R"(,"events":true)");
  subscribe(ann, "second", "cabin/heater", R"(,"events":true)");
  const std::uint64_t known = offset();
  bench.leave(ann);
  Client& other = bench.join();
  bench.send(other, R"({"type":"command","msgId":"c","payload":{"channel":"cabin/heater","value":true}})");
  bench.pass(from_ms(400));
  return_as(ann, since(known));
  bench.pass(from_ms(300));
  EXPECT_EQ(back->last("r").at("payload.subscriptions"), "2");
  EXPECT_EQ(back->count("event"), 1U) << "of the time away";
  bench.send(*back, R"({"type":"unsubscribe","msgId":"u","payload":{"id":"second"}})");
  bench.send(other, R"({"type":"command","msgId":"d","payload":{"channel":"cabin/heater","value":false}})");
  bench.pass(from_ms(400));
  EXPECT_EQ(back->outcome("u"), R"("unsubscribed")");
  EXPECT_EQ(back->count("event"), 2U) << "the first had asked as well";
}

TEST_F(TelemetryGateTest, AnIdThatIsInUseStaysAsItIs) {
  subscribe(ann, "a", "tank/level");
  subscribe(*back, "x", "cabin/heater");  // what is asked in the other dialect is refused
  bench.leave(ann);
  back = &bench.join();
  subscribe(*back, "a", "cabin/heater");
  const Message& welcome = ann.messages.front();
  bench.send(*back, R"({"type":"resume","msgId":"r","payload":{"session":)" + welcome.at("payload.session") +
                        R"(,"sessionToken":)" + welcome.at("payload.sessionToken") + "}}");
  bench.pass(from_ms(300));
  EXPECT_EQ(back->last("r").at("payload.subscriptions"), "0");
  EXPECT_EQ(told_of(*back, "a").size(), 2U) << "the snapshot and synced of its own";
}

TEST_F(TelemetryGateTest, WhatWasUnsubscribedStaysSo) {
  subscribe(ann, "a", "tank/level");
  bench.send(ann, R"({"type":"unsubscribe","msgId":"u","payload":{"id":"a"}})");
  bench.pass(from_ms(20));
  bench.leave(ann);
  return_as(ann, since(offset()));
  bench.pass(from_ms(20));
  EXPECT_EQ(back->last("r").at("payload.subscriptions"), "0");
}

TEST_F(TelemetryGateTest, TheyComeFromAConnectionThatLingersToo) {
  subscribe(ann, "a", "tank/level");
  ann.reads = false;
  return_as(ann, since(offset()));
  bench.pass(from_ms(200));
  EXPECT_EQ(back->last("r").at("payload.subscriptions"), "1");
  EXPECT_EQ(told_of(*back, "a").back().type(), "synced");
}

TEST_F(TelemetryGateTest, ASessionThatWasClosedForNotReadingGetsThemBack) {
  subscribe(ann, "a", "tank/level");
  ann.reads = false;
  for (int i = 0; i < 40 && !ann.dropped; ++i) {
    bench.send(*back, R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
    bench.pass(from_ms(200));
  }
  ASSERT_TRUE(ann.dropped);
  return_as(ann);
  bench.pass(from_ms(200));
  EXPECT_EQ(back->last("r").at("payload.subscriptions"), "1");
}

}  // namespace
}  // namespace signalbox::session
