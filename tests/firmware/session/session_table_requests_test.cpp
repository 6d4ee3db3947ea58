// Sessions that are about one request: answers without a conversation, and streams.
#include <gtest/gtest.h>

#include "tests/firmware/session/gate_bench.hpp"

namespace signalbox::session {
namespace {

class HttpSessions : public GateBench {
 protected:
  Client& asks(std::string_view operation, std::string_view rest = "\n", std::string_view dialect = "http") {
    Client* client = bench.ask(bench.token(), operation, dialect, rest);
    EXPECT_NE(client, nullptr) << bench.refusal.detail.view();
    return *client;
  }
  static std::string all(const Client& client) {
    std::string text;
    for (const Message& message : client.messages) text += message.text;
    return text;
  }
  static int count(std::string_view text, std::string_view word) {
    int found = 0;
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1))
      ++found;
    return found;
  }
};

TEST_F(HttpSessions, ASnapshotIsAnsweredOnceAndTheSessionIsOver) {
  const std::size_t before = bench.machine.sessions().count();
  Client& client = asks("GET /v1/snapshot", "paths=cabin/#\n\n");
  bench.pass(from_ms(10));
  ASSERT_EQ(client.messages.size(), 1U);
  EXPECT_EQ(client.messages[0].at("samples.0.channel"), R"("cabin/heater")");
  EXPECT_EQ(client.messages[0].at("samples.0.value"), "false");
  EXPECT_EQ(client.close_code, 1000);
  EXPECT_EQ(bench.machine.sessions().count(), before);
  EXPECT_EQ(bench.machine.sessions().publisher().gauge().used, 0U) << "nobody subscribed";
}

TEST_F(HttpSessions, WhatIsRefusedAtOnceCanBeAskedForBeforeAnythingIsSent) {
  Client& wrong = asks("GET /v1/snapshot", "paths=nothing\n\n");
  const auto refused = bench.machine.door().refusal(wrong.session);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->reason, Reason::not_found);
  bench.pass(from_ms(10));
  EXPECT_EQ(wrong.messages.at(0).at("code"), "404");
  EXPECT_EQ(wrong.close_code, 1000);
}

TEST_F(HttpSessions, TheStatusGoesWithTheFirstBytes) {
  Client& wrong = asks("GET /v1/history", "from=9\nto=1\n\n");
  std::array<char, 2048> into{};
  const Outgoing first = bench.machine.door().next(wrong.session, into, bench.now());
  EXPECT_EQ(first.kind, Outgoing::Kind::text);
  EXPECT_EQ(first.status, 422);
  EXPECT_TRUE(first.more);
  const Outgoing last = bench.machine.door().next(wrong.session, into, bench.now());
  EXPECT_EQ(last.kind, Outgoing::Kind::close);
  bench.leave(wrong);
}

TEST_F(HttpSessions, ACommandIsAnsweredWhenItHasClimbedItsLadder) {
  Client& client = asks("POST /v1/command", R"(
{"channel":"lamp","value":true,"until":"applied"})");
  EXPECT_TRUE(client.messages.empty());
  bench.pass(from_ms(100));
  EXPECT_EQ(all(client), "{\"outcome\":\"applied\"}\n");
  EXPECT_EQ(client.close_code, 1000);
  EXPECT_TRUE(is_on(kLamp));
  EXPECT_EQ(bench.machine.sessions().command_counts().applied, 1U);
  Client& wrong = asks("POST /v1/command", R"(
{"channel":"lamp","value":7})");
  bench.pass(from_ms(100));
  EXPECT_EQ(wrong.messages.at(0).at("field"), R"("value")");
  EXPECT_EQ(bench.machine.sessions().command_counts().failed[static_cast<std::size_t>(Reason::malformed)],
            1U);
}

TEST_F(HttpSessions, ABodyComesInPieces) {
  Client* client = bench.arrive(bench.token(), "http", {}, nullptr, "POST /v1/command");
  ASSERT_NE(client, nullptr);
  bench.open(*client);
  bench.send_part(*client, "POST /v1/command\n\n", true, false);
  bench.pass(from_ms(50));
  EXPECT_TRUE(client->session) << "it is not over before it has begun";
  bench.send_part(*client, R"({"channel":"lamp",)", false, false);
  bench.send_part(*client, R"("value":true})", false, false);
  bench.send_part(*client, "", false, true);
  bench.pass(from_ms(100));
  EXPECT_EQ(all(*client), "{\"outcome\":\"applied\"}\n");
}

TEST_F(HttpSessions, ABodyThatNeverComesEndsIt) {
  Client* client = bench.arrive(bench.token(), "http", {}, nullptr, "POST /v1/command");
  ASSERT_NE(client, nullptr);
  bench.open(*client);
  bench.send_part(*client, "POST /v1/command\n\n{", true, false);
  bench.pass(from_ms(3500));
  EXPECT_EQ(client->close_code, 1008);
  EXPECT_TRUE(client->messages.empty());
  Client* longer = bench.arrive(bench.token(), "http", {}, nullptr, "POST /v1/command");
  bench.open(*longer);
  bench.send_part(*longer, "POST /v1/command\n\n", true, false);
  bench.send_part(*longer, std::string(2000, ' '), false, false);
  bench.pass(from_ms(10));
  EXPECT_EQ(longer->close_code, 1009);
}

TEST_F(HttpSessions, ALeaseTakenByHttpEndsThoughNobodyReturns) {
  Client& client = asks("POST /v1/command", R"(
{"channel":"cabin/heater","value":true,"leaseMs":500,"until":"applied"})");
  bench.pass(from_ms(200));
  EXPECT_EQ(all(client), "{\"outcome\":\"applied\"}\n");
  EXPECT_TRUE(is_on(kHeater)) << "the lease is good without its holder";
  bench.pass(from_ms(500));
  EXPECT_FALSE(is_on(kHeater));
}

TEST_F(HttpSessions, RequestsPushOutNobodyWhoMayReturn) {
  bench.send(ann, R"({"type":"subscribe","msgId":"s","payload":{"id":"s","paths":["#"]}})");
  bench.pass(from_ms(50));
  const std::string secret = resume_of(ann);
  bench.leave(ann);
  for (int i = 0; i < 20; ++i) {
    asks("GET /v1/snapshot");
    bench.pass(from_ms(10));
  }
  Client& back = bench.join();
  EXPECT_EQ(ask(back, "resume", secret + R"(,"offset":0)"), "resumed");
}

TEST_F(HttpSessions, NobodyHearsOfASingleRequest) {
  bench.send(
      bob,
      R"({"type":"subscribe","msgId":"s","payload":{"id":"s","paths":["#"],"events":true,"presence":true}})");
  bench.pass(from_ms(50));
  asks("GET /v1/snapshot");
  bench.pass(from_ms(50));
  EXPECT_TRUE(events(bob, "sessionOpened").empty());
  Client& stream = asks("GET /v1/events", "\n", "http.events");
  bench.pass(from_ms(50));
  EXPECT_EQ(events(bob, "sessionOpened").size(), 1U) << "who stays is somebody";
  bench.leave(stream);
}

TEST_F(HttpSessions, EventsFollowTheSnapshotUntilTheReaderLeaves) {
  Client& client = asks("GET /v1/events", "paths=lamp\nevents=true\nminPeriodMs=0\n\n", "http.events");
  bench.pass(from_ms(100));
  ASSERT_EQ(client.messages.size(), 1U) << all(client);
  EXPECT_TRUE(client.messages[0].text.starts_with("retry: 2000\nevent: snapshot\nid: e7f3:"));
  EXPECT_EQ(ask(ann, "command", R"("channel":"lamp","value":true)"), "applied");
  bench.pass(from_ms(200));
  EXPECT_EQ(count(all(client), "event: telemetry\n"), 1) << all(client);
  EXPECT_EQ(count(all(client), "event: event\n"), 1);
  bench.pass(from_ms(20'000));
  EXPECT_GT(client.pings, 5) << "it is told that we live";
  EXPECT_TRUE(client.session) << "and takes that for a sign of its own life";
}

TEST_F(HttpSessions, WhoComesBackIsToldWhatWasMissed) {
  Client& first = asks("GET /v1/events", "paths=lamp\nminPeriodMs=0\n\n", "http.events");
  bench.pass(from_ms(50));
  const std::string text = all(first);
  const std::size_t id = text.find("id: ") + 4;
  const std::string last = text.substr(id, text.find('\n', id) - id);
  bench.leave(first);
  ask(ann, "command", R"("channel":"lamp","value":true)");
  ask(ann, "command", R"("channel":"lamp","value":false)");
  bench.pass(from_ms(50));
  Client& second = asks("GET /v1/events", "paths=lamp\nlastEventId=" + last + "\n\n", "http.events");
  bench.pass(from_ms(50));
  const std::string told = all(second);
  EXPECT_EQ(count(told, "event: missed\n"), 1) << told;
  EXPECT_EQ(count(told, R"("value":true)"), 1) << told;
  EXPECT_EQ(count(told, R"("recovered":true)"), 1) << told;
  bench.leave(second);
  Client& early = asks("GET /v1/events", "lastEventId=e7f3:99999\n\n", "http.events");
  EXPECT_EQ(bench.machine.door().refusal(early.session)->reason, Reason::out_of_range);
}

TEST_F(HttpSessions, AStreamTakesNoMessages) {
  Client& client = asks("GET /v1/stream", "period=100\n\n", "stream.flat");
  bench.pass(from_ms(450));
  EXPECT_GE(client.messages.size(), 4U);
  EXPECT_EQ(client.messages[0].at("lamp"), "false");
  bench.send(client, kPing);
  bench.pass(from_ms(10));
  EXPECT_EQ(client.close_code, 1008);
  EXPECT_EQ(client.messages.back().text.find("pong"), std::string::npos);
}

TEST_F(HttpSessions, ASlowReaderOfEventsGetsWhatWasFolded) {
  Client& client = asks("GET /v1/events", "paths=lamp\nminPeriodMs=0\n\n", "http.events");
  bench.pass(from_ms(50));
  client.reads = false;
  client.messages.clear();
  for (int i = 0; i < 10; ++i)
    ask(ann, "command",
        i % 2 == 0 ? R"("channel":"lamp","value":true)" : R"("channel":"lamp","value":false)");
  client.reads = client.wanted = true;
  bench.pump();
  EXPECT_LT(count(all(client), "event: telemetry"), 10);
  EXPECT_EQ(count(all(client), R"("count":)"), 1) << all(client);
}

TEST_F(HttpSessions, TheTimeIsToldUnlessItIsKnownToBeWrong) {
  EXPECT_EQ(bench.machine.door().wall_time(bench.now())->unix_ms, bench.clock().wall().unix_ms);
  bench.clock().set_wall({0});
  bench.pass(from_ms(10));
  EXPECT_FALSE(bench.machine.door().wall_time(bench.now()));
}

TEST_F(HttpSessions, HealthTellsWhatDoesNotWorkAndNotWhich) {
  bench.pass(from_ms(1000));
  Health health = bench.machine.door().health(bench.now());
  EXPECT_TRUE(health.is_ready());
  EXPECT_TRUE(health.is_ok());
  bench.faults.add({sim::FaultKind::fails, "lamp", bench.now(), kNever});
  ask(ann, "command", R"("channel":"lamp","value":true)");
  bench.pass(from_ms(3000));
  health = bench.machine.door().health(bench.now());
  EXPECT_EQ(health.dependencies[2].state, "fault");
  EXPECT_TRUE(health.is_ready()) << "it serves all the same";
  bench.machine.stop("going", bench.now());
  EXPECT_EQ(bench.machine.door().health(bench.now()).phase, "stopping");
}

}  // namespace
}  // namespace signalbox::session
