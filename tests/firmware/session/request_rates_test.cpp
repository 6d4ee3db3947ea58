#include "session/request_rates.hpp"

#include <array>
#include <gtest/gtest.h>
#include <string>

#include "tests/firmware/session/bench.hpp"

namespace signalbox::session {
namespace {

class RequestRatesTest : public testing::Test {};

/// By HTTP every request is a session of its own: there it is the credential that has a rate.
TEST_F(RequestRatesTest, EveryCredentialHasItsOwn) {
  Bench bench{kTinyBudget, Bench::kFile, nullptr, {.requests_per_s = 2}};
  const std::string panel = bench.issue("panel", "read:#");
  const auto asks = [&](std::string_view token) {
    Client* client = bench.ask(token, "GET /v1/snapshot", "http");
    if (client != nullptr) bench.pump();
    return client != nullptr;
  };
  const auto logs_in = [&](std::string_view token) {
    return bench.machine.door().log_in({"192.0.2.7", 0, token}, bench.now()).has_value();
  };
  EXPECT_TRUE(asks(bench.token()));
  EXPECT_TRUE(asks(bench.token()));
  EXPECT_FALSE(asks(bench.token()));
  EXPECT_EQ(bench.refusal.reason, Reason::busy);
  EXPECT_EQ(bench.refusal.retry_after_ms, 501U);
  EXPECT_EQ(bench.refusal.detail.view(), "more than 2 requests a second");
  EXPECT_FALSE(logs_in(bench.token())) << "whatever it asks";
  EXPECT_EQ(
      bench.machine.door().thing({"192.0.2.7", 0, bench.token()}, "wss://d", bench.now()).error().reason,
      Reason::busy);
  EXPECT_TRUE(asks(panel)) << "another one has its own";
  EXPECT_EQ(bench.machine.sessions().too_fast(), 3U);
  EXPECT_TRUE(bench.machine.door().stop({"192.0.2.7", 0, bench.token()}, bench.now())) << "that never waits";
  Client& socket = bench.join();
  bench.send(socket, kPing);
  bench.pump();
  EXPECT_EQ(socket.answers("p"), "pong") << "a WebSocket has a rate of its own";
  bench.pass(from_ms(501));
  EXPECT_TRUE(asks(bench.token()));
  EXPECT_FALSE(asks(bench.token()));
}

TEST_F(RequestRatesTest, WhoMayNotAskCostsTheCredentialNothing) {
  Bench bench{kTinyBudget, Bench::kFile, nullptr, {.requests_per_s = 1}};
  const std::string viewer = bench.issue("viewer", "read:#");
  EXPECT_EQ(bench.ask(viewer, "POST /v1/command", "http"), nullptr);
  EXPECT_EQ(bench.refusal.reason, Reason::forbidden);
  EXPECT_NE(bench.ask(viewer, "GET /v1/snapshot", "http"), nullptr);
}

/// The bench has places for two of them.
TEST_F(RequestRatesTest, MoreCredentialsThanPlacesAreAllServed) {
  Bench bench{kTinyBudget, Bench::kFile, nullptr, {.requests_per_s = 1}};
  for (const char* name : {"one", "two", "three"}) {
    EXPECT_NE(bench.ask(bench.issue(name, "read:#"), "GET /v1/snapshot", "http"), nullptr) << name;
    bench.pump();
    bench.pass(from_ms(10));
  }
}

TEST_F(RequestRatesTest, WhoMaySoonestAskAgainGivesWay) {
  std::array<RequestRates::Place, 2> places{};
  RequestRates rates{places};
  const Rate rate{1, 3};
  const Instant now{from_ms(5000)};
  const Principal busy{"busy", {}};
  const Principal calm{"calm", {}};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(rates.take(busy, rate, now));
  EXPECT_TRUE(rates.take(calm, rate, now));
  EXPECT_TRUE(rates.take(Principal{"third", {}}, rate, now)) << "in the place of the calm one";
  EXPECT_EQ(rates.take(busy, rate, now).error().reason, Reason::busy) << "who asks most is remembered";
  EXPECT_TRUE(rates.take(Principal{"busy", {}, "another"}, rate, now));
  EXPECT_EQ(rates.too_fast(), 1U);
}

TEST_F(RequestRatesTest, WhereNothingIsLimitedNobodyWaits) {
  std::array<RequestRates::Place, 1> places{};
  RequestRates rates{places};
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(rates.take(Principal{"any", {}}, {}, Instant{}));
}

}  // namespace
}  // namespace signalbox::session
