// What wakes a machine that has next to nothing to do, and what must not wait until something does.
#include <gtest/gtest.h>
#include <vector>

#include "base/log.hpp"
#include "tests/firmware/session/bench.hpp"

namespace signalbox::machine {
namespace {

using session::Client;

/// A device that has next to nothing to do.
class IdleTest : public testing::Test {
 protected:
  static constexpr Duration kPeriod = std::chrono::hours{1};

  Instant step() { return bench.machine.step(bench.now(), bench.clock().wall()); }
  /// How often it is stepped in that time, while everybody there shows that they live.
  int steps_in(Duration time, const std::vector<Client*>& there) {
    const Instant until = bench.now() + time;
    int steps = 0;
    for (Instant next = step(); next <= until; next = step()) {
      ++steps;
      bench.clock().advance_to(next);
      bench.pump();
      for (const Client* client : there) bench.machine.door().heard(client->session, bench.now());
    }
    bench.clock().advance_to(until);
    return steps;
  }

  session::Bench bench{session::kTinyBudget, R"({"device":{"id":"quiet"},"parts":[
      {"kind":"hostUptime","periodMs":3600000,"channels":{"uptime":{"path":"host/uptime"}}}]})"};
};

TEST_F(IdleTest, with_nobody_there_it_is_woken_for_nothing) { EXPECT_LE(steps_in(4 * kPeriod, {}), 10); }

TEST_F(IdleTest, those_who_say_nothing_wake_it_once_a_second_for_the_clock) {
  Client& one = bench.join();
  bench.pass(from_ms(730));
  Client& other = bench.join();
  const int steps = steps_in(from_ms(60'000), {&one, &other});
  EXPECT_GE(one.pings + other.pings, 58) << "one every two seconds to each";
  EXPECT_LE(steps, 60 + 60 + 10);
}

TEST_F(IdleTest, a_clock_that_is_set_ends_what_has_expired_within_a_second) {
  Client& client = bench.join_with(bench.issue("panel", "read:#", 3600));
  bench.pass(from_ms(500));
  bench.clock().set_wall({bench.clock().wall().unix_ms + 3'700'000});
  EXPECT_LE(bench.machine.next(), bench.now() + from_ms(1000));
  bench.clock().advance(from_ms(1000));
  bench.pass(from_ms(0));
  EXPECT_EQ(client.close_code, 1008);
}

TEST_F(IdleTest, a_slow_clock_keeps_no_session_open_for_longer) {
  Client& client = bench.join_with(bench.issue("panel", "read:#", 600));
  const WallTime before = bench.clock().wall();
  for (int s = 1; s < 590; ++s) {  // it falls behind by a tenth
    bench.clock().set_wall({before.unix_ms + 900 * s});
    bench.machine.door().heard(client.session, bench.now());
    bench.pass(from_ms(1000));
  }
  ASSERT_FALSE(client.close_code.has_value());
  bench.machine.door().heard(client.session, bench.now());
  for (int s = 0; s < 12; ++s) {
    if (client.session) bench.machine.door().heard(client.session, bench.now());
    bench.pass(from_ms(1000));
  }
  EXPECT_EQ(client.close_code, 1008);
}

TEST_F(IdleTest, what_somebody_left_behind_is_given_up_in_time) {
  Client& client = bench.join();
  bench.pass(from_ms(100));
  ASSERT_GT(bench.machine.next(), bench.now());
  bench.leave(client);
  const Instant left = bench.now();
  Instant next = step();
  for (int steps = 0; next < left + session::kResumeWindow && steps < 5; ++steps) {
    bench.clock().advance_to(next);
    next = step();
  }
  EXPECT_EQ(next, left + session::kResumeWindow);
}

TEST_F(IdleTest, a_part_of_a_message_and_nothing_more_is_waited_for_no_longer_than_told) {
  Client& client = bench.join();
  bench.pass(from_ms(500));
  bench.send_part(client, R"({"type":)", true, false);
  for (int i = 0; i < 2; ++i) {
    bench.clock().advance_to(bench.machine.next());
    bench.machine.door().heard(client.session, bench.now());
    step();
  }
  const Instant begun = bench.now();
  while (client.session && bench.now() < begun + from_ms(10'000)) {
    bench.clock().advance_to(bench.machine.next());
    step();
    bench.pump();
    if (client.session) bench.machine.door().heard(client.session, bench.now());
  }
  EXPECT_EQ(client.close_code, 1008);
  EXPECT_LE(bench.now(), begun + from_ms(3200));
}

TEST_F(IdleTest, a_line_of_the_log_is_told_at_once) {
  set_log_sink([](Severity, std::string_view) {});
  Client& client = bench.join();
  bench.send(client, R"({"type":"log","msgId":"l","payload":{}})");
  bench.pass(from_ms(500));
  ASSERT_FALSE(bench.machine.has_work(bench.now()));
  log(Severity::warning, "the disk is full");
  EXPECT_TRUE(bench.machine.has_work(bench.now()));
  step();
  EXPECT_TRUE(client.wanted);
  EXPECT_FALSE(bench.machine.has_work(bench.now()));
  set_log_sink(nullptr);
}

}  // namespace
}  // namespace signalbox::machine
