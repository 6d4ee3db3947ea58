#include <gtest/gtest.h>

#include "session/session_table.hpp"
#include "tests/firmware/session/bench.hpp"

namespace signalbox::session {
namespace {

// What the bench announces: authenticate within 1 s, ping every 2 s, dead after 5 s, unread after 3 s.

class TimeoutsTest : public testing::Test {
 protected:
  /// Lets time pass while the client shows that it lives.
  void pass_alive(Client& client, Duration time) {
    for (Duration passed{0}; passed < time && client.session; passed += from_ms(500)) {
      bench.machine.door().heard(client.session, bench.now());
      bench.pass(from_ms(500));
    }
  }
  Bench bench;
};

TEST_F(TimeoutsTest, a_stranger_has_so_long_to_show_a_token) {
  Client& stranger = *bench.arrive();
  bench.open(stranger);
  bench.pass(from_ms(900));
  bench.send(stranger, kPing);
  EXPECT_FALSE(stranger.close_code.has_value());
  bench.pass(from_ms(300));
  EXPECT_EQ(types_of(stranger.messages), "welcome pong goodbye");
  EXPECT_EQ(stranger.close_code, 1008);
  EXPECT_EQ(bench.steps(Phase::welcome, Phase::draining), 1U);
}

TEST_F(TimeoutsTest, three_wrong_tokens_close_with_1008) {
  Client& stranger = *bench.arrive();
  bench.open(stranger);
  for (int i = 0; i < 3; ++i) bench.send(stranger, R"({"type":"authenticate","payload":{"token":"wrong"}})");
  bench.pass(from_ms(1));
  EXPECT_EQ(types_of(stranger.messages), "welcome error error error goodbye");
  EXPECT_EQ(stranger.close_code, 1008);
}

TEST_F(TimeoutsTest, the_device_pings_every_heartbeat) {
  Client& client = bench.join();
  bench.pass(from_ms(1900));
  EXPECT_EQ(client.pings, 0);
  pass_alive(client, from_ms(6500));
  EXPECT_EQ(client.pings, 4);
  EXPECT_TRUE(client.session);
}

TEST_F(TimeoutsTest, a_peer_that_is_not_heard_is_dropped_without_a_word) {
  Client& client = bench.join();
  bench.pass(from_ms(4900));
  EXPECT_FALSE(client.dropped);
  bench.pass(from_ms(300));
  EXPECT_TRUE(client.dropped);
  EXPECT_EQ(types_of(client.messages), "welcome");
  EXPECT_FALSE(client.close_code.has_value());
  EXPECT_EQ(bench.machine.sessions().count(), 0U);
  EXPECT_EQ(bench.steps(Phase::authenticated, Phase::closed), 1U);
}

TEST_F(TimeoutsTest, any_sign_of_life_counts) {
  Client& client = bench.join();
  bench.pass(from_ms(4000));
  bench.machine.door().heard(client.session, bench.now());
  bench.pass(from_ms(4000));
  bench.send(client, kPing);
  bench.pass(from_ms(4000));
  EXPECT_FALSE(client.dropped);
  bench.pass(from_ms(1200));
  EXPECT_TRUE(client.dropped);
}

TEST_F(TimeoutsTest, who_reads_nothing_is_cut_with_1013) {
  Client& client = bench.join();
  client.reads = false;
  bench.send(client, kPing);
  pass_alive(client, from_ms(2500));
  EXPECT_EQ(bench.steps(Phase::authenticated, Phase::draining), 0U);
  pass_alive(client, from_ms(1000));
  EXPECT_EQ(bench.steps(Phase::authenticated, Phase::draining), 1U);
  client.reads = true;
  bench.pass(from_ms(200));
  EXPECT_EQ(types_of(client.messages), "welcome pong goodbye");
  EXPECT_NE(client.messages.back().at("payload.retryAfterMs"), "");
  EXPECT_EQ(client.close_code, 1013);
}

TEST_F(TimeoutsTest, an_answer_that_comes_late_is_unread_from_then_on) {
  Client& client = bench.join();
  bench.heat(client, "on", true);
  bench.pass(from_ms(200));
  bench.platform.heater().weld(true);
  bench.heat(client, "off", false);
  bench.pass(from_ms(250));
  ASSERT_EQ(client.answers("off"), "progress progress");
  client.reads = false;  // what it was verified to be comes some 100 ms later
  pass_alive(client, from_ms(3000));
  EXPECT_EQ(bench.steps(Phase::authenticated, Phase::draining), 0U);
  pass_alive(client, from_ms(1000));
  EXPECT_EQ(bench.steps(Phase::authenticated, Phase::draining), 1U);
}

TEST_F(TimeoutsTest, who_does_not_even_take_the_goodbye_is_dropped) {
  Client& client = bench.join();
  client.reads = false;
  bench.send(client, kPing);
  pass_alive(client, from_ms(7000));
  EXPECT_TRUE(client.dropped);
  EXPECT_EQ(bench.machine.sessions().count(), 0U);
  EXPECT_EQ(bench.steps(Phase::draining, Phase::closed), 1U);
}

TEST_F(TimeoutsTest, reading_slowly_is_reading) {
  Client& client = bench.join();
  client.reads = false;
  for (int i = 0; i < 10; ++i) {
    bench.send(client, kPing);
    pass_alive(client, from_ms(2000));
    client.reads = true;
    bench.pump();
    client.reads = false;
  }
  EXPECT_TRUE(client.session);
  EXPECT_GE(client.count("pong"), 9U);
}

TEST_F(TimeoutsTest, who_is_not_read_but_takes_its_answers_lives) {
  Client& client = bench.join();
  client.reads = false;
  while (bench.send(client, kPing)) {
  }
  for (int i = 0; i < 4; ++i) bench.send(client, kPing);  // the wire had read on
  for (int i = 0; i < 4; ++i) {
    bench.pass(from_ms(2000));  // no pong can be heard while nothing is read
    bench.take(client);
    EXPECT_TRUE(client.paused);
  }
  EXPECT_TRUE(client.session);
  while (client.paused) bench.take(client);
  bench.pass(from_ms(5200));
  EXPECT_TRUE(client.dropped) << "now it could be heard again";
}

TEST_F(TimeoutsTest, a_message_left_incomplete_ends_the_session) {
  Client& client = bench.join();
  bench.send_part(client, R"({"type":)", true, false);
  for (int i = 0; i < 7; ++i) {
    bench.pass(from_ms(500));
    if (client.session) bench.send_part(client, " ", false, false);
  }
  EXPECT_EQ(types_of(client.messages), "welcome goodbye");
  EXPECT_EQ(client.close_code, 1008);
  EXPECT_EQ(bench.machine.sessions().inboxes().gauge().used, 0U);
}

TEST_F(TimeoutsTest, a_handshake_that_does_not_finish_is_the_wires_to_watch) {
  Client& client = *bench.arrive();
  bench.pass(from_ms(20'000));
  EXPECT_FALSE(client.dropped);
  bench.leave(client);
}

TEST_F(TimeoutsTest, expired_commands_are_answered_in_time) {
  Client& client = bench.join();
  bench.faults.add({sim::FaultKind::slow, "heater", bench.now(), kNever});
  bench.heat(client, "first", true, R"(,"until":"applied")");
  bench.heat(client, "late", false, R"(,"until":"applied","deadlineMs":20)");
  bench.pass(from_ms(19));
  EXPECT_EQ(client.answers("late"), "progress");
  bench.pass(from_ms(1));
  EXPECT_EQ(client.reason("late"), R"("expired")");
  bench.pass(from_ms(200));
  EXPECT_EQ(client.outcome("first"), R"("applied")");
  EXPECT_TRUE(bench.platform.heater().closed(bench.now())) << "the late one was never carried out";
}

}  // namespace
}  // namespace signalbox::session
