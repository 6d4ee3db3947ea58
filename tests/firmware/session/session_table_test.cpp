#include "session/session_table.hpp"

#include <gtest/gtest.h>

#include "tests/firmware/session/bench.hpp"

namespace signalbox::session {
namespace {

class SessionTableTest : public testing::Test {
 protected:
  ~SessionTableTest() override {
    EXPECT_EQ(bench.machine.sessions().frames().holders(), bench.machine.sessions().holders())
        << "every hold on a frame has its holder";
  }
  Bench bench;
};

TEST_F(SessionTableTest, welcome_comes_first_and_tells_who_one_is) {
  const Client& client = bench.join();
  ASSERT_EQ(types_of(client.messages), "welcome");
  EXPECT_EQ(client.messages[0].at("payload.authenticated"), "true");
  EXPECT_EQ(client.messages[0].at("payload.limits.commandsInFlight"), "2");
  Client& stranger = *bench.arrive();
  bench.open(stranger);
  EXPECT_EQ(stranger.messages[0].at("payload.authenticated"), "false");
  EXPECT_NE(stranger.messages[0].at("payload.session"), client.messages[0].at("payload.session"));
}

TEST_F(SessionTableTest, a_wrong_bearer_is_refused_at_the_handshake) {
  EXPECT_EQ(bench.arrive("not-it"), nullptr);
  EXPECT_EQ(bench.refusal.reason, Reason::unauthenticated);
  EXPECT_EQ(bench.machine.sessions().count(), 0U);
}

TEST_F(SessionTableTest, the_device_is_described_to_who_shows_a_token) {
  session::Door& door = bench.machine.door();
  for (const std::string_view wrong : {"", "not-it"})
    EXPECT_EQ(door.thing({"192.0.2.7", 1, wrong}, "wss://d/v1/ws", bench.now()).error().reason,
              Reason::unauthenticated);
  const Result<std::string_view> told =
      door.thing({"192.0.2.7", 1, bench.token()}, "wss://d/v1/ws", bench.now());
  ASSERT_TRUE(told.has_value());
  EXPECT_NE(told->find("wss://d/v1/ws"), std::string_view::npos);
  EXPECT_EQ(bench.machine.sessions().frames().holders(), 0U);
  const std::string long_url(kTinyBudget.frame_bytes, 'x');
  EXPECT_EQ(door.thing({"192.0.2.7", 1, bench.token()}, long_url, bench.now()).error().reason,
            Reason::too_big);
  EXPECT_EQ(bench.machine.sessions().frames().holders(), 0U);
}

TEST_F(SessionTableTest, a_login_lasts_as_long_as_its_token) {
  session::Door& door = bench.machine.door();
  const std::string token = bench.issue("panel", "read:#", 100);
  EXPECT_EQ(*door.log_in({"192.0.2.7", 1, token}, bench.now()), 100);
  bench.pass(from_ms(30'000));
  EXPECT_EQ(*door.log_in({"192.0.2.7", 1, token}, bench.now()), 70);
  bench.pass(from_ms(70'000));
  EXPECT_EQ(door.log_in({"192.0.2.7", 1, token}, bench.now()).error().reason, Reason::unauthenticated);
}

TEST_F(SessionTableTest, a_full_table_refuses_with_a_hint_and_recovers) {
  Client& first = bench.join();
  bench.join();
  bench.join();
  EXPECT_EQ(bench.arrive(bench.token()), nullptr);
  EXPECT_EQ(bench.refusal.reason, Reason::overloaded);
  EXPECT_GT(bench.refusal.retry_after_ms, 0U);
  EXPECT_EQ(bench.machine.sessions().sessions_gauge().refused, 1U);
  const Handle gone = first.session;
  bench.leave(first);
  Client& next = bench.join();
  EXPECT_FALSE(next.session == gone);
  EXPECT_EQ(types_of(next.messages), "welcome");
}

TEST_F(SessionTableTest, each_step_of_a_life_is_counted) {
  Client& stranger = *bench.arrive();
  EXPECT_EQ(bench.steps(Phase::tls, Phase::upgrade), 1U);
  bench.open(stranger);
  EXPECT_EQ(bench.steps(Phase::upgrade, Phase::welcome), 1U);
  bench.send(stranger, R"({"type":"authenticate","msgId":"t","payload":{"token":")" +
                           std::string{bench.token()} + R"("}})");
  EXPECT_EQ(bench.steps(Phase::welcome, Phase::authenticated), 1U);
  bench.leave(stranger);
  EXPECT_EQ(bench.steps(Phase::authenticated, Phase::closed), 1U);
  Client& owner = bench.join();
  EXPECT_EQ(bench.steps(Phase::welcome, Phase::authenticated), 2U);
  bench.machine.door().refuse(owner.session, 1003, "text only", bench.now());
  EXPECT_EQ(bench.steps(Phase::authenticated, Phase::draining), 1U);
  bench.pass(from_ms(10));
  EXPECT_EQ(bench.steps(Phase::draining, Phase::closed), 1U);
  bench.leave(*bench.arrive());
  EXPECT_EQ(bench.steps(Phase::upgrade, Phase::closed), 1U) << "a handshake that came to nothing";
  EXPECT_EQ(bench.machine.door().life().arrived(), 3U);
}

TEST_F(SessionTableTest, a_command_goes_down_and_its_answer_comes_up) {
  Client& client = bench.join();
  bench.heat(client, "on", true);
  bench.pass(from_ms(200));
  EXPECT_EQ(client.answers("on"), "progress progress ack");
  EXPECT_EQ(client.outcome("on"), R"("verified")");
  EXPECT_TRUE(bench.platform.heater().closed(bench.now()));
  bench.command(client, "fan", R"("channel":"cabin/fan","value":55)");
  bench.pass(from_ms(200));
  EXPECT_EQ(client.outcome("fan"), R"("applied")") << "it has no feedback";
  EXPECT_DOUBLE_EQ(bench.platform.fan().duty(), 0.55);
}

TEST_F(SessionTableTest, progress_that_was_not_taken_gives_way_to_the_end) {
  Client& client = bench.join();
  client.reads = false;
  bench.heat(client, "on", true);
  bench.pass(from_ms(200));
  client.reads = true;
  bench.pass(from_ms(1));
  EXPECT_EQ(client.answers("on"), "ack");
}

TEST_F(SessionTableTest, a_welded_relay_is_a_mismatch) {
  Client& client = bench.join();
  bench.heat(client, "on", true);
  bench.pass(from_ms(200));
  bench.platform.heater().weld(true);
  bench.heat(client, "off", false);
  bench.pass(from_ms(250));
  EXPECT_EQ(client.answers("off"), "progress progress");
  bench.pass(from_ms(200));
  EXPECT_EQ(client.reason("off"), R"("mismatch")");
}

TEST_F(SessionTableTest, hardware_that_refuses_is_told) {
  Client& client = bench.join();
  bench.faults.add({sim::FaultKind::fails, "heater", bench.now(), kNever});
  bench.heat(client, "on", true);
  bench.pass(from_ms(10));
  EXPECT_EQ(client.reason("on"), R"("failed")") << "at once, not with the next round";
}

TEST_F(SessionTableTest, toggle_twice_is_back_where_it_was) {
  Client& client = bench.join();
  for (const char* id : {"t1", "t2"})
    bench.command(client, id, R"("channel":"cabin/heater","action":"toggle","until":"applied")");
  bench.pass(from_ms(600));
  EXPECT_EQ(client.outcome("t1"), R"("applied")");
  EXPECT_EQ(client.outcome("t2"), R"("applied")");
  EXPECT_FALSE(bench.platform.heater().closed(bench.now()));
}

TEST_F(SessionTableTest, over_the_in_flight_limit_it_is_busy_and_reading_goes_on) {
  Client& client = bench.join();
  bench.faults.add({sim::FaultKind::slow, "heater", bench.now(), bench.now() + from_ms(1)});
  EXPECT_TRUE(bench.heat(client, "c1", true));
  EXPECT_TRUE(bench.heat(client, "c2", false));
  EXPECT_TRUE(bench.heat(client, "c3", true));
  EXPECT_TRUE(bench.send(client, kPing));
  bench.pass(from_ms(1));
  EXPECT_EQ(client.reason("c3"), R"("busy")");
  EXPECT_EQ(client.answers("p"), "pong");
  bench.pass(from_ms(500));
  EXPECT_EQ(client.reason("c1"), R"("superseded")");
  EXPECT_EQ(client.outcome("c2"), R"("verified")");
  bench.heat(client, "c4", true);
  bench.pass(from_ms(500));
  EXPECT_EQ(client.outcome("c4"), R"("verified")") << "there is room again";
}

TEST_F(SessionTableTest, who_leaves_answers_unread_is_paused_and_goes_on_without_loss) {
  Client& client = bench.join();
  client.reads = false;
  int sent = 0;
  bool goes_on = true;
  while (goes_on && sent < 100)
    goes_on = bench.send(client, R"({"type":"ping","msgId":"p)" + std::to_string(sent++) + "\"}");
  EXPECT_EQ(sent, 6) << "ten places, four in hand";
  for (int late = 0; late < 3; ++late)  // a wire may have read on already
    EXPECT_FALSE(bench.send(client, R"({"type":"ping","msgId":"p)" + std::to_string(sent++) + "\"}"));
  bench.pass(from_ms(100));
  EXPECT_TRUE(client.paused);
  client.reads = true;
  bench.pass(from_ms(1));
  EXPECT_FALSE(client.paused);
  EXPECT_EQ(client.count("pong"), 9U);
  EXPECT_TRUE(bench.send(client, kPing));
}

TEST_F(SessionTableTest, a_wire_that_does_not_pause_ends_the_session_when_places_run_out) {
  Client& client = bench.join();
  client.reads = false;
  for (int i = 0; i < 11; ++i) bench.send(client, kPing);
  client.reads = true;
  bench.pass(from_ms(1));
  EXPECT_EQ(client.count("pong"), 10U) << "what was promised is kept";
  EXPECT_EQ(client.messages.back().type(), "goodbye");
  EXPECT_EQ(client.close_code, 1008);
}

TEST_F(SessionTableTest, messages_come_whole_or_in_pieces_up_to_the_limit) {
  Client& client = bench.join();
  const std::string message = R"({"type":"ping","msgId":"whole"})";
  const std::string longest = message + std::string(512 - message.size(), ' ');
  EXPECT_TRUE(bench.send(client, longest));
  bench.send_part(client, std::string_view{longest}.substr(0, 100), true, false);
  EXPECT_EQ(bench.machine.sessions().inboxes().gauge().used, 1U);
  bench.send_part(client, std::string_view{longest}.substr(100), false, true);
  bench.pass(from_ms(1));
  EXPECT_EQ(client.count("pong"), 2U);
  EXPECT_EQ(bench.machine.sessions().inboxes().gauge().used, 0U);
}

TEST_F(SessionTableTest, a_message_too_big_ends_the_session_however_it_comes) {
  for (const bool whole : {true, false}) {
    Client& client = bench.join();
    const std::string big(513, ' ');
    if (whole) {
      bench.send(client, big);
    } else {
      bench.send_part(client, std::string_view{big}.substr(0, 512), true, false);
      bench.send_part(client, std::string_view{big}.substr(512), false, false);
    }
    bench.pass(from_ms(1));
    EXPECT_EQ(types_of(client.messages), "welcome goodbye");
    EXPECT_EQ(client.close_code, 1009);
  }
}

TEST_F(SessionTableTest, too_many_messages_in_pieces_are_an_answer) {
  Client& first = bench.join();
  Client& second = bench.join();
  bench.send_part(first, "{", true, false);
  bench.send_part(second, R"({"type":)", true, false);
  bench.send_part(second, R"("ping"})", false, true);
  bench.pass(from_ms(1));
  EXPECT_EQ(second.messages.back().at("payload.reason"), R"("overloaded")");
  EXPECT_NE(second.messages.back().at("payload.retryAfterMs"), "");
  bench.send_part(first, "}", false, true);
  bench.send_part(second, R"({"type":)", true, false);
  bench.send_part(second, R"("ping"})", false, true);
  bench.pass(from_ms(1));
  EXPECT_EQ(second.count("pong"), 1U);
}

TEST_F(SessionTableTest, what_is_sent_after_the_goodbye_is_not_served) {
  Client& client = bench.join();
  client.reads = false;
  bench.machine.door().refuse(client.session, 1003, "text only", bench.now());
  bench.heat(client, "late", true);
  bench.pass(from_ms(200));
  EXPECT_FALSE(bench.platform.heater().closed(bench.now()));
  client.reads = true;
  bench.pass(from_ms(1));
  EXPECT_EQ(types_of(client.messages), "welcome goodbye");
  EXPECT_EQ(client.close_code, 1003);
}

TEST_F(SessionTableTest, a_session_that_ends_still_gets_its_commands_answers) {
  Client& client = bench.join();
  bench.faults.add({sim::FaultKind::slow, "heater", bench.now(), kNever});
  bench.heat(client, "on", true);
  bench.machine.door().refuse(client.session, 1003, "text only", bench.now());
  bench.pass(from_ms(40));
  EXPECT_EQ(types_of(client.messages), "welcome progress");
  bench.pass(from_ms(300));
  EXPECT_EQ(types_of(client.messages), "welcome progress progress ack goodbye");
  EXPECT_EQ(client.outcome("on"), R"("verified")");
}

TEST_F(SessionTableTest, a_command_outlives_its_session_and_frees_everything) {
  Client& client = bench.join();
  bench.heat(client, "on", true);
  bench.leave(client);
  Client& next = bench.join();  // in the same place
  bench.pass(from_ms(400));
  EXPECT_TRUE(bench.platform.heater().closed(bench.now()));
  EXPECT_EQ(types_of(next.messages), "welcome") << "another's answer is not for it";
  EXPECT_EQ(bench.machine.controller().gauge().used, 0U);
}

TEST_F(SessionTableTest, leaving_in_the_midst_of_everything_gives_all_back) {
  Client& client = bench.join();
  bench.send(client,
             R"({"type":"subscribe","msgId":"s","payload":{"id":"a","paths":["#"],"minPeriodMs":0}})");
  bench.pass(from_ms(1));
  client.reads = false;
  bench.pass(from_ms(500));
  EXPECT_GT(bench.machine.sessions().frames().gauge().used, 0U);
  bench.send(client, R"({"type":"describe","msgId":"d"})");
  bench.send_part(client, "{", true, false);
  bench.heat(client, "on", true);
  bench.leave(client);
  EXPECT_EQ(bench.machine.sessions().frames().gauge().used, 0U);
  EXPECT_EQ(bench.machine.sessions().inboxes().gauge().used, 0U);
  EXPECT_EQ(bench.machine.sessions().publisher().gauge().used, 0U);
  EXPECT_EQ(bench.machine.sessions().count(), 0U);
}

TEST_F(SessionTableTest, a_slow_reader_costs_nobody_else_anything) {
  Client& slow = bench.join();
  Client& quick = bench.join();
  for (Client* client : {&slow, &quick})
    bench.send(
        *client,
        R"({"type":"subscribe","msgId":"s","payload":{"id":"a","paths":["tank/#","cabin/#"],"minPeriodMs":0}})");
  bench.pass(from_ms(1));
  slow.reads = false;
  bench.pass(from_ms(2000));
  const std::size_t came = quick.count("telemetry");
  EXPECT_GT(came, 5U);
  for (const Message& message : quick.messages) EXPECT_EQ(message.at("payload.folded"), "");
  slow.reads = true;
  bench.pass(from_ms(1));
  EXPECT_EQ(slow.count("telemetry"), 3U) << "two that waited, and the rest folded into one";
  EXPECT_NE(slow.messages.back().at("payload.folded"), "");
}

}  // namespace
}  // namespace signalbox::session
