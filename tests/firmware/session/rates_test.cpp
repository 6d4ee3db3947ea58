#include <algorithm>
#include <gtest/gtest.h>

#include "session/session_table.hpp"
#include "tests/firmware/session/bench.hpp"

namespace signalbox::session {
namespace {

class RatesTest : public testing::Test {
 protected:
  /// The answer to a ping.
  std::string ping(Bench& bench, Client& client) {
    client.messages.clear();
    bench.send(client, kPing);
    bench.pump();
    return client.answers("p");
  }
};

TEST_F(RatesTest, WhoAsksTooFastIsToldWhenToAskAgainAndNothingIsDone) {
  Bench bench{kTinyBudget, Bench::kFile, nullptr, {.requests_per_s = 4}};
  Client& client = bench.join();
  const std::uint64_t happened = bench.machine.news().events().end();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(ping(bench, client), "pong");
  bench.heat(client, "c", true);
  bench.pump();
  EXPECT_EQ(client.answers("c"), "error");
  EXPECT_EQ(client.reason("c"), R"("busy")");
  EXPECT_EQ(client.last("c").at("payload.retryAfterMs"), "251");
  bench.pass(from_ms(100));
  EXPECT_EQ(bench.machine.news().events().end(), happened) << "it was not carried out";
  EXPECT_EQ(ping(bench, client), "error");
  bench.pass(from_ms(151));
  EXPECT_EQ(ping(bench, client), "pong") << "refusals cost nothing";
  EXPECT_EQ(bench.machine.sessions().too_fast(), 2U);
}

TEST_F(RatesTest, EverySessionHasItsOwn) {
  Bench bench{kTinyBudget, Bench::kFile, nullptr, {.requests_per_s = 2}};
  Client& greedy = bench.join();
  Client& other = bench.join();
  for (int i = 0; i < 9; ++i) ping(bench, greedy);
  EXPECT_EQ(ping(bench, greedy), "error");
  EXPECT_EQ(ping(bench, other), "pong");
}

TEST_F(RatesTest, AStopIsNeverLimited) {
  Bench bench{kTinyBudget, Bench::kFile, nullptr, {.requests_per_s = 1, .bytes_per_s = 0}};
  for (const std::string_view dialect : {"signalbox.v1", "jsonrpc"}) {
    Client& client = bench.join(dialect);
    for (int i = 0; i < 5; ++i) {
      bench.send(client, dialect == "jsonrpc" ? R"({"jsonrpc":"2.0","id":1,"method":"ping"})" : kPing);
      bench.pump();
    }
    EXPECT_FALSE(bench.machine.controller().is_stopped() && dialect == "signalbox.v1");
    bench.send(client, dialect == "jsonrpc" ? R"({"jsonrpc":"2.0","method":"stop"})" : R"({"type":"stop"})");
    EXPECT_TRUE(bench.machine.controller().is_stopped());
  }
}

TEST_F(RatesTest, WhatCannotBeReadCountsToo) {
  Bench bench{kTinyBudget, Bench::kFile, nullptr, {.requests_per_s = 1}};
  Client& client = bench.join();
  for (int i = 0; i < 3; ++i) {
    bench.send(client, R"({"type":"ping","msgId":"p","payload":7})");
    bench.pump();
  }
  EXPECT_EQ(client.reason("p"), R"("busy")");
  EXPECT_EQ(client.answers("p"), "error error error") << "each has its answer";
}

TEST_F(RatesTest, WhoSendsTooMuchIsNotReadForAWhileAndLosesNothing) {
  Bench bench{kTinyBudget, Bench::kFile, nullptr, {.bytes_per_s = 1000}};
  Client& client = bench.join();
  int sent = 0;
  while (bench.send(client, kPing)) {
    bench.pump();
    ASSERT_LT(++sent, 100);
  }
  EXPECT_EQ(sent, 10) << "27 bytes, and 64 for each piece";
  bench.pump();
  EXPECT_TRUE(client.paused);
  EXPECT_EQ(bench.machine.sessions().reading_paused(), 1U);
  bench.pass(from_ms(300));
  EXPECT_FALSE(client.paused) << "it has come in";
  EXPECT_EQ(client.answers("p"), "pong pong pong pong pong pong pong pong pong pong pong");
}

TEST_F(RatesTest, SingleBytesAndPingsCountAsMuchAsTheyCost) {
  Bench bench{kTinyBudget, Bench::kFile, nullptr, {.bytes_per_s = 1000}};
  Client& bytes = bench.join();
  int pieces = 1;
  for (bench.send_part(bytes, "{", true, false); !bytes.paused; ++pieces)
    bench.send_part(bytes, " ", false, false);
  EXPECT_EQ(pieces, 16);
  Client& pings = bench.join();
  int heard = 1;
  while (bench.machine.door().heard(pings.session, bench.now()) == Reading::go_on) ++heard;
  EXPECT_EQ(heard, 16);
}

TEST_F(RatesTest, APausedClientThatIsClosedIsSaidGoodbyeTo) {
  Bench bench{kTinyBudget, Bench::kFile, nullptr, {.bytes_per_s = 1000}};
  Client& client = bench.join();
  while (bench.send(client, kPing)) bench.pump();
  bench.machine.stop("restart", bench.now());
  bench.pass(from_ms(100));
  EXPECT_EQ(client.close_code, 1001);
  EXPECT_EQ(client.messages.back().type(), "goodbye");
}

TEST_F(RatesTest, WhoIsBeingSaidGoodbyeToCannotFloodEither) {
  Bench bench{kTinyBudget, Bench::kFile, nullptr, {.bytes_per_s = 1000}};
  Client& client = bench.join();
  bench.machine.stop("restart", bench.now());  // and the goodbye is not taken
  int sent = 0;
  while (bench.send(client, kPing)) ASSERT_LT(++sent, 100);
  EXPECT_EQ(sent, 10);
}

}  // namespace
}  // namespace signalbox::session
