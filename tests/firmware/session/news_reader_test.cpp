#include "session/news_reader.hpp"

#include "tests/firmware/session/room.hpp"

namespace signalbox::session {
namespace {

class NewsReaderTest : public Room {
 protected:
  void happen(std::string_view name, device::ChannelIndex channel = device::kNoChannel) {
    news.add({.at = now, .name = name, .channel = channel});
  }
  std::string names(Session& session) {
    std::string found;
    for (const Message& message : take_all(session))
      found += (found.empty() ? "" : " ") +
               (message.type() == "event" ? message.at("payload.name") : message.type());
    return found;
  }
};

TEST_F(NewsReaderTest, OnlyWhoAskedIsTold) {
  Session& asked = join();
  Session& silent = join();
  subscribe(asked, "a", "cabin/#", R"("events":true)");
  subscribe(silent, "a", "cabin/#");
  take_all(asked);
  take_all(silent);
  happen("one");
  EXPECT_EQ(names(asked), "\"one\"");
  EXPECT_EQ(names(silent), "");
  EXPECT_EQ(names(asked), "");
}

TEST_F(NewsReaderTest, WhatHappenedBeforeIsNotTold) {
  happen("before");
  Session& session = join();
  subscribe(session, "a", "cabin/#", R"("events":true)");
  take_all(session);
  EXPECT_EQ(names(session), "");
}

TEST_F(NewsReaderTest, WhoComesBackIsToldWhatHappenedThoughNothingHappensAnyMore) {
  const std::uint64_t before = values.offset();
  happen("meanwhile");
  Session& session = join();
  EXPECT_EQ(names(session), "") << "it has been seen that nothing waits";
  subscribe(session, "a", "cabin/#",
            format_text<95>(R"("events":true,"resume":{"epoch":"e7f3","offset":%llu})",
                            static_cast<unsigned long long>(before)));
  EXPECT_NE(names(session).find("\"meanwhile\""), std::string::npos);
}

TEST_F(NewsReaderTest, EventsOfChannelsOneMayNotReadAreLeftOut) {
  Session& session = join("cabin/temperature");
  subscribe(session, "a", "cabin/#", R"("events":true)");
  take_all(session);
  happen("secret", kHeater);
  EXPECT_FALSE(has_news(session, context));
  happen("seen", kTemperature);
  happen("device");
  EXPECT_EQ(names(session), "\"seen\" \"device\"");
}

TEST_F(NewsReaderTest, AReaderThatIsTooLateIsToldHowManyItLost) {
  Session& session = join();
  subscribe(session, "a", "cabin/#", R"("events":true)");
  take_all(session);
  for (const char* name : {"1", "2", "3", "4", "5", "6"}) happen(name);
  const std::vector<Message> found = take_all(session);
  ASSERT_EQ(found.size(), 5U);
  EXPECT_EQ(found[0].type(), "eventGap");
  EXPECT_EQ(found[0].at("payload.lost"), "2");
  EXPECT_EQ(found[0].at("payload.before"), found[1].at("payload.offset"));
  EXPECT_EQ(found[4].at("payload.name"), "\"6\"");
}

TEST_F(NewsReaderTest, OffsetsNeverGoBack) {
  Session& session = join();
  subscribe(session, "a", "cabin/temperature", R"("minPeriodMs":0,"events":true)");
  take_all(session);
  put(kTemperature, 21.0);
  publish();
  happen("between");
  put(kTemperature, 22.0);
  publish();
  const std::vector<Message> found = take_all(session);
  ASSERT_EQ(found.size(), 3U);
  std::uint64_t last = 0;
  for (const Message& message : found) {
    const std::uint64_t offset = std::stoull(message.at("payload.offset"));
    EXPECT_GE(offset, last);
    last = offset;
  }
  EXPECT_EQ(found[1].type(), "event");
}

TEST_F(NewsReaderTest, ASnapshotAndTheEndOfASubscriptionWaitForWhatHappenedBefore) {
  Session& session = join();
  subscribe(session, "a", "cabin/temperature", R"("minPeriodMs":0,"events":true)");
  take_all(session);
  happen("before");
  put(kTemperature, 21.0);
  subscribe(session, "b", "cabin/heater");
  ask(session, R"({"type":"unsubscribe","msgId":"u","payload":{"id":"b"}})");
  const std::vector<Message> found = take_all(session);
  ASSERT_EQ(types_of(found), "event snapshot synced ack");
  EXPECT_LT(std::stoull(found[0].at("payload.offset")), std::stoull(found[1].at("payload.offset")));
}

TEST_F(NewsReaderTest, UnsubscribingEndsThem) {
  Session& session = join();
  subscribe(session, "a", "cabin/#", R"("events":true)");
  take_all(session);
  ask(session, R"({"type":"unsubscribe","msgId":"u","payload":{"id":"a"}})");
  take_all(session);
  happen("one");
  EXPECT_EQ(names(session), "");
}

TEST_F(NewsReaderTest, SubscribingOnceMoreSkipsNothing) {
  Session& session = join();
  subscribe(session, "a", "cabin/#", R"("events":true,"presence":true)");
  take_all(session);
  happen("waits");
  news.add_presence({.at = now, .name = "comes"});
  subscribe(session, "b", "log/#", R"("events":true,"presence":true)");
  subscribe(session, "a", "cabin/#", R"("events":true,"presence":true)");
  const std::string found = names(session);
  EXPECT_TRUE(found.starts_with(R"("waits" "comes" )")) << found;
}

TEST_F(NewsReaderTest, TheyEndWithTheLastThatAskedForThem) {
  Session& session = join();
  subscribe(session, "a", "cabin/#", R"("events":true)");
  subscribe(session, "b", "log/#", R"("events":true,"presence":true)");
  ask(session, R"({"type":"unsubscribe","msgId":"u","payload":{"id":"b"}})");
  take_all(session);
  happen("one");
  news.add_presence({.at = now, .name = "comes"});
  EXPECT_EQ(names(session), "\"one\"") << "presence went with the second";
  subscribe(session, "a", "cabin/#");
  take_all(session);
  happen("two");
  EXPECT_EQ(names(session), "");
}

}  // namespace
}  // namespace signalbox::session
