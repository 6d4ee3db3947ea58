// One device, spoken to in two dialects at once.
#include <gtest/gtest.h>

#include "tests/firmware/session/bench.hpp"

namespace signalbox::session {
namespace {

class TwoDialectsTest : public testing::Test {
 protected:
  TwoDialectsTest() { bench.pass(from_ms(200)); }

  /// Sends it to the JSON-RPC session and lets it come to its end.
  void call(std::string_view members) {
    bench.send(caller, R"({"jsonrpc":"2.0",)" + std::string{members} + "}");
    bench.pass(from_ms(100));
  }
  void heat(std::string_view id, bool on, std::string_view more = "") {
    call(R"("id":)" + std::string{id} + R"(,"method":"command","params":{"channel":"cabin/heater","value":)" +
         (on ? "true" : "false") + std::string{more} + "}");
  }
  /// What came with that member, in order.
  static std::vector<Message> all_with(const Client& client, std::string_view path, std::string_view value) {
    std::vector<Message> found;
    for (const Message& message : client.messages)
      if (message.at(path) == value) found.push_back(message);
    return found;
  }
  bool is_heating() { return bench.machine.values().of(kHeater).sample.value == device::Value{true}; }

  enum : device::ChannelIndex { kTemperature, kHeater };
  Bench bench{kEventfulBudget};
  Client& caller = bench.join("jsonrpc");
  Client& other = bench.join();
};

TEST_F(TwoDialectsTest, EachIsWelcomedInItsOwn) {
  ASSERT_EQ(caller.messages.size(), 1U);
  EXPECT_EQ(caller.messages[0].at("jsonrpc"), R"("2.0")");
  EXPECT_EQ(caller.messages[0].at("method"), R"("welcome")");
  EXPECT_EQ(caller.messages[0].at("params.authenticated"), "true");
  EXPECT_EQ(types_of(other.messages), "welcome");
  EXPECT_EQ(bench.arrive(bench.token(), "soap"), nullptr);
}

TEST_F(TwoDialectsTest, OneMovesAndBothSee) {
  call(R"("id":1,"method":"subscribe","params":{"id":"s","paths":["cabin/heater"],"events":true})");
  bench.send(
      other,
      R"({"type":"subscribe","msgId":"s","payload":{"id":"s","paths":["cabin/heater"],"events":true}})");
  bench.pass(from_ms(100));
  EXPECT_EQ(bench.machine.sessions().publisher().gauge().used, 2U) << "equal, but not in the same words";
  EXPECT_EQ(all_with(caller, "id", "1").at(0).at("result.type"), R"("snapshot")");
  EXPECT_EQ(all_with(caller, "method", R"("synced")").at(0).at("params.replyTo"), "1");

  heat("2", true);
  bench.pass(from_ms(600));
  std::string rungs;
  for (const Message& progress : all_with(caller, "method", R"("progress")")) {
    EXPECT_EQ(progress.at("params.replyTo"), "2");
    rungs += progress.at("params.rung");
  }
  EXPECT_TRUE(rungs.ends_with(R"("applied")")) << rungs;
  const auto answers = all_with(caller, "id", "2");
  ASSERT_EQ(answers.size(), 1U) << "one response";
  EXPECT_EQ(answers[0].at("result"), R"({"type":"ack","outcome":"verified"})");
  EXPECT_TRUE(is_heating());

  EXPECT_EQ(all_with(caller, "method", R"("event")").at(0).at("params.name"), R"("actuated")");
  EXPECT_EQ(all_with(other, "type", R"("event")").at(0).at("payload.session"),
            caller.messages[0].at("params.session"));
  EXPECT_EQ(all_with(caller, "method", R"("telemetry")").at(0).at("params.samples.0.value"), "true");
  EXPECT_EQ(all_with(other, "type", R"("telemetry")").at(0).at("payload.samples.0.value"), "true");
}

TEST_F(TwoDialectsTest, ANotificationMovesNothingAndIsTold) {
  for (
      const char* asked :
      {R"("method":"command","params":{"channel":"cabin/heater","value":true,"traceId":"t-1"})",
       R"("method":"scene","params":{"writes":[{"channel":"cabin/heater","value":true}],"traceId":"t-1"})"}) {
    caller.messages.clear();
    call(asked);
    ASSERT_EQ(caller.messages.size(), 1U);
    EXPECT_EQ(caller.messages[0].at("method"), R"("error")");
    EXPECT_EQ(caller.messages[0].at("id"), "");
    EXPECT_EQ(caller.messages[0].at("params.field"), R"("id")");
    EXPECT_EQ(caller.messages[0].at("params.traceId"), R"("t-1")");
    EXPECT_FALSE(is_heating());
  }
}

TEST_F(TwoDialectsTest, AStopNeedsNoIdButItsResetDoes) {
  heat("1", true);
  bench.pass(from_ms(600));
  ASSERT_TRUE(is_heating());
  caller.messages.clear();
  call(R"("method":"stop")");
  EXPECT_EQ(all_with(caller, "method", R"("ack")").at(0).at("params.outcome"), R"("stopped")");
  EXPECT_FALSE(is_heating());
  call(R"("method":"reset")");
  EXPECT_TRUE(bench.machine.controller().is_stopped()) << "it is not what makes safe";
  call(R"("id":"r","method":"reset")");
  EXPECT_EQ(all_with(caller, "id", R"("r")").at(0).at("result.outcome"), R"("reset")");
}

TEST_F(TwoDialectsTest, ARepeatMeetsItsAnswerInEitherDialect) {
  const std::string client = R"(,"until":"applied","clientId":"panel")";
  heat(R"("c-1")", true, client);
  const std::uint64_t version = bench.machine.values().of(kHeater).version;
  bench.send(other, R"({"type":"command","msgId":"c-1","payload":{"channel":"cabin/heater","value":true)" +
                        client + "}}");
  bench.pass(from_ms(300));
  EXPECT_EQ(other.answers("c-1"), "ack");
  EXPECT_EQ(bench.machine.values().of(kHeater).version, version);
  bench.send(other, R"({"type":"command","msgId":"c-1","payload":{"channel":"cabin/heater","value":false)" +
                        client + "}}");
  bench.pass(from_ms(10));
  EXPECT_EQ(other.reason("c-1"), R"("conflict")");
}

TEST_F(TwoDialectsTest, ANumberAndATextAreTwoIds) {
  const std::string client = R"(,"until":"applied","clientId":"panel")";
  heat("1", true, client);
  heat(R"("1")", false, client);
  EXPECT_EQ(all_with(caller, "id", "1").at(0).at("result.outcome"), R"("applied")");
  EXPECT_EQ(all_with(caller, "id", R"("1")").at(0).at("result.outcome"), R"("applied")");
  EXPECT_FALSE(is_heating());
  heat("1", false, client);
  EXPECT_EQ(all_with(caller, "id", "1").at(1).at("error.data.reason"), R"("conflict")");
  heat(R"("")", true, client);
  heat(R"("")", false, client);
  EXPECT_EQ(all_with(caller, "id", R"("")").at(1).at("error.data.reason"), R"("conflict")")
      << "an empty text is an id like others";
}

TEST_F(TwoDialectsTest, ErrorsOfTheDeviceSpeakOfParams) {
  call(R"("id":1,"method":"command","params":{"channel":"cabin/oven","value":1})");
  EXPECT_EQ(caller.messages.back().at("error.code"), "404");
  EXPECT_EQ(caller.messages.back().at("error.message"), R"("notFound")");
  EXPECT_EQ(caller.messages.back().at("error.data.field"), R"("params.channel")");
  call(R"("id":2,"method":"scene","params":{"writes":[{"channel":"cabin/fan","value":101}]})");
  EXPECT_EQ(caller.messages.back().at("error.code"), "-32602");
  EXPECT_EQ(caller.messages.back().at("error.data.reason"), R"("outOfRange")");
  EXPECT_EQ(caller.messages.back().at("error.data.field"), R"("params.writes[0].value")");
}

TEST_F(TwoDialectsTest, WhatIsUnreadableIsAnsweredAndTheSessionGoesOn) {
  call(R"("id":1,"method":)");
  EXPECT_EQ(caller.messages.back().at("error.code"), "-32700");
  EXPECT_EQ(caller.messages.back().at("id"), "null");
  bench.send_part(other, R"({"type":"pi)", true, false);
  bench.send_part(caller, R"({"jsonrpc":"2.0",)", true, false);
  bench.send_part(caller, R"("id":1,"method":"ping"})", false, true);
  bench.pass(from_ms(10));
  EXPECT_EQ(caller.messages.back().at("id"), "null") << "nobody could read which";
  EXPECT_EQ(caller.messages.back().at("error.data.reason"), R"("overloaded")");
  call(R"("id":3,"method":"ping","params":{"data":")" + std::string(200, 'x') + R"("})");
  EXPECT_EQ(caller.messages.back().at("id"), "3") << "an echo rendered at once";
  EXPECT_EQ(caller.messages.back().at("result.data").size(), 202U);
}

TEST_F(TwoDialectsTest, AStrangerMayAuthenticateAndPing) {
  Client& stranger = *bench.arrive({}, "jsonrpc");
  bench.open(stranger);
  bench.send(stranger, R"({"jsonrpc":"2.0","id":1,"method":"describe"})");
  bench.send(stranger, R"({"jsonrpc":"2.0","method":"stop"})");
  bench.send(stranger, R"({"jsonrpc":"2.0","id":2,"method":"authenticate","params":{"token":")" +
                           std::string{bench.token()} + R"("}})");
  bench.pass(from_ms(10));
  EXPECT_EQ(all_with(stranger, "id", "1").at(0).at("error.code"), "401");
  EXPECT_EQ(all_with(stranger, "method", R"("error")").at(0).at("params.reason"), R"("unauthenticated")");
  EXPECT_EQ(all_with(stranger, "id", "2").at(0).at("result.outcome"), R"("authenticated")");
  bench.machine.sessions().drain_all("the device restarts", 2000, bench.now());
  bench.pass(from_ms(10));
  EXPECT_EQ(stranger.messages.back().at("method"), R"("goodbye")");
}

}  // namespace
}  // namespace signalbox::session
