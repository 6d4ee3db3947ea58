// The whole machine remembers: history by pages, and subscribers that come back.
#include <gtest/gtest.h>

#include "tests/firmware/session/bench.hpp"

namespace signalbox::session {
namespace {

/// A bench with room for a longer past.
constexpr Budget kRemembers = [] {
  Budget budget = kTinyBudget;
  budget.history_per_channel_max = 200;
  return budget;
}();

class PastTest : public testing::Test {
 protected:
  ~PastTest() override {
    EXPECT_EQ(bench.machine.sessions().frames().holders(), bench.machine.sessions().holders());
  }
  bool ask_history(Client& client, std::string_view msg_id, std::string_view payload) {
    return bench.send(client, R"({"type":"history","msgId":")" + std::string{msg_id} + R"(","payload":{)" +
                                  std::string{payload} + "}}");
  }
  void subscribe(Client& client, std::string_view more) {
    bench.send(
        client,
        R"({"type":"subscribe","msgId":"s","payload":{"id":"a","paths":["tank/level"],"minPeriodMs":0)" +
            std::string{more} + "}}");
    bench.pump();
  }
  std::uint64_t offset() const { return bench.machine.values().offset(); }
  static int entries(const Message& message, std::string_view path) {
    int count = 0;
    while (!message.at(std::string{path} + "." + std::to_string(count)).empty()) ++count;
    return count;
  }
  /// The highest offset of any message, in the order they came; 0 where it ever went back.
  static std::uint64_t never_back(const Client& client) {
    std::uint64_t last = 0;
    for (const Message& message : client.messages) {
      const std::string told = message.at("payload.offset");
      if (told.empty()) continue;
      if (std::stoull(told) < last) return 0;
      last = std::stoull(told);
    }
    return last;
  }

  Bench bench{kRemembers};
};

TEST_F(PastTest, history_is_told_in_pages_until_there_is_no_cursor) {
  Client& client = bench.join();
  bench.pass(from_ms(5000));
  std::string cursor;
  std::uint64_t last = 0;
  int samples = 0;
  int pages = 0;
  do {
    ask_history(client, "h" + std::to_string(++pages),
                R"("paths":["tank/level"],"from":0,"to":9000000000000)" + cursor);
    bench.pump();
    const Message page = client.last("h" + std::to_string(pages));
    ASSERT_EQ(page.type(), "history") << page.text;
    EXPECT_EQ(page.at("payload.epoch"), R"("e7f3")");
    EXPECT_EQ(page.at("payload.series.0.complete"), "true");
    const int here = entries(page, "payload.series.0.samples");
    for (int i = 0; i < here; ++i) {
      const std::uint64_t at =
          std::stoull(page.at("payload.series.0.samples." + std::to_string(i) + ".offset"));
      EXPECT_GT(at, last);
      last = at;
    }
    samples += here;
    cursor = page.at("payload.cursor").empty() ? "" : R"(,"cursor":)" + page.at("payload.cursor");
    ASSERT_LT(pages, 50);
  } while (!cursor.empty());
  EXPECT_GT(pages, 1) << "more than a frame holds";
  EXPECT_EQ(samples, static_cast<int>(bench.machine.history().of(4).size()));
  EXPECT_GT(samples, 90);
}

TEST_F(PastTest, history_in_steps_counts_every_reading) {
  Client& client = bench.join();
  bench.pass(from_ms(3000));
  ask_history(client, "h",
              R"("paths":["tank/#"],"from":0,"to":9000000000000,"stepMs":500,"aggregate":["count","mean"])");
  bench.pump();
  const Message page = client.last("h");
  int counted = 0;
  for (int i = 0; i < entries(page, "payload.series.0.steps"); ++i)
    counted += std::stoi(page.at("payload.series.0.steps." + std::to_string(i) + ".count"));
  EXPECT_EQ(counted, static_cast<int>(bench.machine.history().of(4).size()));
  EXPECT_EQ(page.at("payload.series.0.steps.1.last"), "") << "not asked for";
  EXPECT_NE(page.at("payload.series.0.steps.1.mean"), "");
}

TEST_F(PastTest, history_needs_a_credential_and_a_channel_one_may_read) {
  Client& stranger = *bench.arrive();
  bench.open(stranger);
  ask_history(stranger, "h", R"("paths":["#"],"from":0,"to":1)");
  bench.pump();
  EXPECT_EQ(stranger.reason("h"), R"("unauthenticated")");
  Client& client = bench.join();
  ask_history(client, "h", R"("paths":["attic/#"],"from":0,"to":1)");
  ask_history(client, "i", R"("paths":["#"],"from":0,"to":1,"cursor":"0.1.2.e7f2")");
  bench.pump();
  EXPECT_EQ(client.reason("h"), R"("notFound")");
  EXPECT_EQ(client.reason("i"), R"("foreignEpoch")");
}

TEST_F(PastTest, who_was_away_gets_every_sample_it_missed) {
  Client& first = bench.join();
  subscribe(first, "");
  bench.pass(from_ms(300));
  const std::uint64_t known = never_back(first);
  bench.leave(first);
  bench.pass(from_ms(4000));

  Client& again = bench.join();
  subscribe(again, R"(,"resume":{"epoch":"e7f3","offset":)" + std::to_string(known) + "}");
  bench.pass(from_ms(500));
  EXPECT_EQ(again.messages.at(again.messages.size() - again.count("telemetry") - 1).type(), "synced");
  std::vector<std::uint64_t> told;
  for (const Message& message : again.messages) {
    EXPECT_NE(message.at("payload.recovered"), "false");
    if (message.type() != "missed") continue;
    EXPECT_EQ(message.at("payload.gaps"), "");
    for (int i = 0; i < entries(message, "payload.samples"); ++i)
      told.push_back(std::stoull(message.at("payload.samples." + std::to_string(i) + ".offset")));
  }
  EXPECT_GT(again.count("missed"), 1U);
  EXPECT_GT(never_back(again), known);
  const auto& tank = bench.machine.history().of(4);
  std::size_t i = bench.machine.history().first_after(4, known);
  ASSERT_GT(told.size(), 70U);
  for (const std::uint64_t each : told) EXPECT_EQ(each, tank[i++].offset);
}

TEST_F(PastTest, a_subscriber_cut_off_while_it_catches_up_goes_on_from_there) {
  Client* client = &bench.join();
  subscribe(*client, "");
  std::uint64_t known = never_back(*client);
  bench.leave(*client);
  bench.pass(from_ms(6000));
  const std::uint64_t target = offset();
  std::size_t samples = 0;
  for (int lives = 0; known < target; ++lives) {
    ASSERT_LT(lives, 40);
    client = &bench.join();
    client->reads = false;
    subscribe(*client, R"(,"resume":{"epoch":"e7f3","offset":)" + std::to_string(known) + "}");
    client->messages.clear();
    while (client->messages.empty()) bench.take(*client);
    EXPECT_EQ(client->messages[0].type(), "missed");
    samples += static_cast<std::size_t>(entries(client->messages[0], "payload.samples"));
    known = never_back(*client);
    bench.leave(*client);
  }
  EXPECT_GT(samples, 100U);
}

TEST_F(PastTest, a_device_that_drains_ends_what_is_under_way) {
  bench.pass(from_ms(6000));
  Client& client = bench.join();
  client.reads = false;
  subscribe(client, R"(,"resume":{"epoch":"e7f3","offset":0})");
  bench.take(client);
  bench.machine.stop("restart", bench.now());
  client.reads = true;
  client.wanted = true;
  bench.pass(from_ms(2500));
  EXPECT_EQ(client.close_code, 1001);
  EXPECT_EQ(client.reason("s"), R"("superseded")");
}

}  // namespace
}  // namespace signalbox::session
