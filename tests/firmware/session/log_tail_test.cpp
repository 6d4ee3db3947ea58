#include "session/log_tail.hpp"

#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "tests/firmware/session/bench.hpp"

namespace signalbox::session {
namespace {

constexpr std::string_view kFollow = R"({"type":"log","msgId":"l","payload":{}})";

class LogTailTest : public testing::Test {
 protected:
  LogTailTest() {
    set_log_sink([](Severity, std::string_view) {});
  }
  ~LogTailTest() override { set_log_sink(nullptr); }

  /// The bench keeps six.
  void write_lines(int first, int last) {
    for (int i = first; i <= last; ++i) log(Severity::info, "line %d", i);
  }
  /// The texts of the lines a client was told.
  static std::vector<std::string> told(const Client& client) {
    std::vector<std::string> texts;
    for (const Message& message : client.messages)
      if (message.type() == "logLine") texts.push_back(message.at("payload.text"));
    return texts;
  }
  void ask(Client& client, std::string_view text) {
    client.messages.clear();
    bench.send(client, text);
    bench.pump();
  }

  Bench bench{kEventfulBudget};
};

TEST_F(LogTailTest, TellsWhatIsKeptThenEachLine) {
  write_lines(1, 2);
  Client& client = bench.join();
  const std::int64_t written_ms = bench.clock().wall().unix_ms;
  ask(client, kFollow);
  EXPECT_EQ(client.outcome("l"), R"("following")");
  ASSERT_GE(told(client).size(), 2U);
  EXPECT_EQ(told(client).back(), R"("line 2")");
  client.messages.clear();
  log(Severity::warning, "the disk is full");
  bench.pass(from_ms(1));
  ASSERT_EQ(told(client).size(), 1U);
  const Message& line = client.messages.front();
  EXPECT_EQ(line.at("payload.severity"), R"("warning")");
  EXPECT_EQ(line.at("payload.text"), R"("the disk is full")");
  EXPECT_EQ(line.at("payload.epoch"), R"("e7f3")");
  EXPECT_EQ(line.at("payload.at"), std::to_string(written_ms));
}

TEST_F(LogTailTest, WhoIsLateIsToldHowManyAreLost) {
  Client& client = bench.join();
  ask(client, kFollow);
  client.reads = false;
  client.messages.clear();
  write_lines(1, 9);
  bench.pass(from_ms(1));
  client.reads = true;
  bench.pump();
  EXPECT_EQ(told(client).front(), R"("line 4")");
  EXPECT_EQ(client.messages.front().at("payload.lost"), "3");
  EXPECT_EQ(told(client).size(), 6U);
}

TEST_F(LogTailTest, WhoComesBackGoesOnBehindTheLastLine) {
  write_lines(1, 3);
  Client& client = bench.join();
  ask(client, kFollow);
  const std::string offset = client.messages.back().at("payload.offset");
  write_lines(4, 5);
  Client& again = bench.join();
  ask(again, R"({"type":"log","msgId":"l","payload":{"resume":{"epoch":"e7f3","offset":)" + offset + "}}}");
  EXPECT_EQ(told(again), (std::vector<std::string>{R"("line 4")", R"("line 5")"}));
  ask(again, R"({"type":"log","msgId":"l","payload":{"resume":{"epoch":"0000","offset":)" + offset + "}}}");
  EXPECT_GT(told(again).size(), 4U) << "of another run nothing is known";
}

TEST_F(LogTailTest, ItEndsWhenItIsToEnd) {
  Client& client = bench.join();
  ask(client, kFollow);
  ask(client, R"({"type":"log","msgId":"e","payload":{"follow":false}})");
  EXPECT_EQ(client.outcome("e"), R"("unfollowed")");
  write_lines(1, 1);
  bench.pass(from_ms(1));
  EXPECT_TRUE(told(client).empty());
}

TEST_F(LogTailTest, NobodyIsToldWhoDidNotAskAndNoOtherReaderIsDisturbed) {
  Client& client = bench.join();
  bench.send(client, R"({"type":"subscribe","msgId":"s","payload":{"id":"a","paths":["#"],"events":true}})");
  bench.pump();
  write_lines(1, 20);
  bench.pass(from_ms(1));
  EXPECT_TRUE(told(client).empty());
  EXPECT_EQ(client.count("eventGap"), 0U);
}

TEST_F(LogTailTest, ALineControlsNoScreenAndIsAlwaysUtf8) {
  Client& client = bench.join();
  ask(client, kFollow);
  client.messages.clear();
  log(Severity::error, "a \"quoted\" ä \x80 %s \xE2\x80\xAE end", "\xC3");
  log(Severity::error, "%s", (std::string(254, 'x') + "ä").c_str());  // cut in the middle of a letter
  bench.pass(from_ms(1));
  ASSERT_EQ(told(client).size(), 2U);
  EXPECT_EQ(told(client)[0], R"("a \"quoted\" ä ? ? ? end")");
  EXPECT_EQ(told(client)[1], '"' + std::string(254, 'x') + "?\"");
}

TEST_F(LogTailTest, ByHttpItIsAnEventStream) {
  write_lines(1, 6);
  Client* client = bench.ask(bench.token(), "GET /v1/log", "http.events");
  ASSERT_NE(client, nullptr);
  bench.pump();
  ASSERT_EQ(client->messages.size(), 7U);
  EXPECT_EQ(client->messages[0].text, "retry: 2000\nevent: ack\ndata: {\"outcome\":\"following\"}\n\n");
  const std::string& line = client->messages[1].text;
  EXPECT_EQ(line.rfind("event: logLine\nid: e7f3:", 0), 0U) << line;
  EXPECT_NE(line.find(R"("severity":"info","text":"line 1"})"), line.npos) << line;
  const std::string id = line.substr(line.find("id: ") + 4, line.find("\ndata") - line.find("id: ") - 4);
  bench.leave(*client);
  client = bench.ask(bench.token(), "GET /v1/log", "http.events", "lastEventId=" + id + "\n\n");
  bench.pump();
  ASSERT_EQ(client->messages.size(), 6U);
  EXPECT_NE(client->messages[1].text.find("line 2"), line.npos);
  log(Severity::info, "and on");
  bench.pass(from_ms(1));
  EXPECT_NE(client->messages.back().text.find("and on"), line.npos);
}

TEST_F(LogTailTest, AMachineThatIsGoneHearsNothing) {
  {
    const Bench other{kEventfulBudget};
    EXPECT_NE(log_listener(), nullptr);
  }
  EXPECT_EQ(log_listener(), nullptr);
  log(Severity::info, "nobody is there");
}

}  // namespace
}  // namespace signalbox::session
