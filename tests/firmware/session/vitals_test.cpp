#include "session/vitals.hpp"

#include <array>
#include <gtest/gtest.h>
#include <string>

#include "tests/firmware/session/bench.hpp"

namespace signalbox::session {
namespace {

class Figures final : public Vitals {
  void do_write(protocol::MetricsWriter& writer) const override {
    writer.family("figures_total", "counter", "Many.");
    for (int i = 0; i < 200; ++i) writer.sample(i, {{"number", std::to_string(i)}});
  }
};

class VitalsTest : public testing::Test {
 protected:
  VitalsTest() { bench.pass(from_ms(1200)); }
  /// What whoever has that token is told in one request.
  std::string metrics(std::string_view token) {
    Client* client = bench.ask(token, "GET /metrics", "http.metrics");
    bench.pass(from_ms(10));
    EXPECT_EQ(client->close_code, 1000);
    return client->messages.empty() ? "" : client->messages.front().text;
  }
  Bench bench;
};

TEST_F(VitalsTest, EveryChannelThatMayBeReadIsThereAndNoOther) {
  const std::string all = metrics(bench.token());
  for (const device::Channel& channel : bench.machine.roster().channels())
    EXPECT_NE(all.find("signalbox_channel_good{channel=\"" + std::string{channel.path} + "\"} 1\n"),
              std::string::npos)
        << all;
  EXPECT_NE(all.find("signalbox_channel_value{channel=\"cabin/fan\",unit=\"%\"} 20\n"), std::string::npos);
  EXPECT_NE(all.find("signalbox_stopped 0\n"), std::string::npos);
  const std::string some = metrics(bench.issue("cabin", "read:cabin/#"));
  EXPECT_NE(some.find("cabin/heater"), std::string::npos);
  EXPECT_EQ(some.find("tank/level"), std::string::npos);
  EXPECT_EQ(some.find("host/load"), std::string::npos);
}

TEST_F(VitalsTest, WhatIsNotBelievedHasNoValue) {
  bench.faults.add({sim::FaultKind::silent, "i2c-1/72", bench.now(), kNever});
  bench.pass(from_ms(500));
  const std::string text = metrics(bench.token());
  EXPECT_NE(text.find("signalbox_channel_good{channel=\"cabin/temperature\"} 0\n"), std::string::npos)
      << text;
  EXPECT_EQ(text.find("signalbox_channel_value{channel=\"cabin/temperature\""), std::string::npos);
  EXPECT_NE(text.find("signalbox_channel_age_seconds{channel=\"cabin/temperature\""), std::string::npos);
}

TEST_F(VitalsTest, ComesInPiecesThatMakeAWhole) {
  const Figures figures;
  bench.machine.connect(figures);
  const std::string text = metrics(bench.token());
  EXPECT_GT(text.size(), 4096U) << "more than a socket takes at once";
  for (int i = 0; i < 200; ++i) {
    const std::string line =
        "\nfigures_total{number=\"" + std::to_string(i) + "\"} " + std::to_string(i) + "\n";
    EXPECT_NE(text.find(line), std::string::npos) << line;
    EXPECT_EQ(text.find(line), text.rfind(line)) << line;
  }
}

TEST_F(VitalsTest, AFaultBetweenTwoPiecesMovesNothing) {
  const Figures figures;
  bench.machine.connect(figures);
  Client* client = bench.ask(bench.token(), "GET /metrics", "http.metrics");
  ASSERT_TRUE(bench.take(*client)) << "the first piece of several";
  client->reads = false;
  bench.faults.add({sim::FaultKind::silent, "i2c-1/72", bench.now(), kNever});
  bench.pass(from_ms(500));
  client->reads = client->wanted = true;
  bench.pump();
  const std::string text = client->messages.at(0).text;
  for (const device::Channel& channel : bench.machine.roster().channels()) {
    const std::string name = "signalbox_channel_good{channel=\"" + std::string{channel.path} + "\"}";
    EXPECT_NE(text.find(name), std::string::npos) << name;
    EXPECT_EQ(text.find(name), text.rfind(name)) << name;
  }
}

}  // namespace
}  // namespace signalbox::session
