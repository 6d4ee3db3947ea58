#include "protocol/dialects/http_query.hpp"

#include <gtest/gtest.h>
#include <string>

namespace signalbox::protocol {
namespace {

template <typename T>
T read(std::string_view text) {
  const Decoded decoded = read_http(text);
  EXPECT_TRUE(decoded.request.has_value()) << text << decoded.request.error().detail.view();
  return decoded.request ? std::get<T>(*decoded.request) : T{};
}

Error refused(std::string_view text) {
  const Decoded decoded = read_http(text);
  EXPECT_FALSE(decoded.request.has_value()) << text;
  return decoded.request ? Error{} : decoded.request.error();
}

TEST(HttpQuery, AsksForASnapshotOnce) {
  const auto all = read<Subscribe>("GET /v1/snapshot\n\n");
  EXPECT_TRUE(all.once);
  ASSERT_EQ(all.paths.count, 1U);
  EXPECT_EQ(all.paths.places[0].view(), "#");
  const auto some = read<Subscribe>("GET /v1/snapshot\npaths=cabin/#, /power\n\n");
  ASSERT_EQ(some.paths.count, 2U);
  EXPECT_EQ(some.paths.places[0].view(), "cabin/#");
  EXPECT_EQ(some.paths.places[1].view(), "+/power") << "a plus sign is a space in queries";
}

TEST(HttpQuery, AsksForHistory) {
  const auto asked =
      read<AskHistory>("GET /v1/history\nfrom=1\nto=9\nstepMs=2\naggregate=min,max\npaths=a\n\n");
  EXPECT_EQ(asked.query.from_ms, 1);
  EXPECT_EQ(asked.query.to_ms, 9);
  EXPECT_EQ(asked.query.step_ms, 2);
  EXPECT_EQ(asked.query.aggregates, HistoryQuery::min | HistoryQuery::max);
}

TEST(HttpQuery, SubscribesToEventsAndComesBack) {
  const auto asked =
      read<Subscribe>("GET /v1/events\nmode=fixed\nperiodMs=500\nevents=true\nlastEventId=e7f3:12\n\n");
  EXPECT_FALSE(asked.once);
  EXPECT_TRUE(asked.events);
  EXPECT_EQ(asked.policy.mode, RatePolicy::Mode::fixed);
  EXPECT_EQ(asked.policy.period, from_ms(500));
  ASSERT_TRUE(asked.resume);
  EXPECT_EQ(asked.resume->epoch.view(), "e7f3");
  EXPECT_EQ(asked.resume->offset, 12U);
  EXPECT_EQ(read<Subscribe>("GET /v1/stream\nperiod=250\n\n").policy.period, from_ms(250));
}

TEST(HttpQuery, TakesACommandsBody) {
  const Decoded decoded =
      read_http("POST /v1/command\n\n{\"channel\":\"a/b\",\"value\":1.5,\"msgId\":\"m\",\"traceId\":\"t\"}");
  ASSERT_TRUE(decoded.request.has_value());
  EXPECT_EQ(std::get<Command>(*decoded.request).write.channel.view(), "a/b");
  EXPECT_EQ(decoded.header.reply_to.view(), "m");
  EXPECT_EQ(decoded.header.trace_id.view(), "t");
}

TEST(HttpQuery, TellsWhatIsWrongAndWhere) {
  struct Wrong {
    const char* text;
    Reason reason;
    const char* field;
    const char* word;
  };
  for (const Wrong& wrong :
       {Wrong{"GET /v1/snapshot\npath=a\n\n", Reason::malformed, "query", "paths"},
        Wrong{"GET /v1/snapshot\npaths=a//b\n\n", Reason::malformed, "paths[0]", "cabin/heater"},
        Wrong{"GET /v1/snapshot\npaths=\n\n", Reason::malformed, "paths", ""},
        Wrong{"GET /v1/snapshot\npaths=a\npaths=b\n\n", Reason::malformed, "paths", "twice"},
        Wrong{"GET /v1/history\nfrom=x\nto=9\n\n", Reason::malformed, "from", "whole number"},
        Wrong{"GET /v1/history\nfrom=5\nto=5\n\n", Reason::out_of_range, "to", "more than from"},
        Wrong{"GET /v1/history\n\n", Reason::malformed, "from", ""},
        Wrong{"GET /v1/events\nevents=yes\n\n", Reason::malformed, "events", "true or false"},
        Wrong{"GET /v1/events\nlastEventId=7\n\n", Reason::malformed, "lastEventId", "colon"},
        Wrong{"GET /v1/events\nmode=fixed\nperiodMs=5\n\n", Reason::out_of_range, "periodMs", "50"},
        Wrong{"GET /v1/stream\nperiod=1\n\n", Reason::out_of_range, "periodMs", "50"},
        Wrong{"POST /v1/command\nx=1\n\n{}", Reason::malformed, "query", "none"},
        Wrong{"POST /v1/command\n\n[1]", Reason::malformed, "", "object"},
        Wrong{"POST /v1/command\n\n{\"value\":1}", Reason::malformed, "channel", ""},
        Wrong{"POST /v1/command\n\n{\"channel\":\"a\",\"value\":1,\"msgId\":5}", Reason::malformed, "msgId",
              "text"},
        Wrong{"POST /v1/command\n\n", Reason::malformed, "", ""},
        Wrong{"DELETE /v1/snapshot\n\n", Reason::not_found, "", ""}, Wrong{"", Reason::not_found, "", ""}}) {
    const Error error = refused(wrong.text);
    EXPECT_EQ(error.reason, wrong.reason) << wrong.text;
    EXPECT_EQ(error.field.view(), wrong.field) << wrong.text;
    EXPECT_NE(error.detail.view().find(wrong.word), std::string_view::npos) << error.detail.view();
  }
}

TEST(HttpQuery, ALongQueryIsTold) {
  const std::string text = "GET /v1/snapshot\npaths=" + std::string(7000, '"') + "\n\n";
  EXPECT_EQ(refused(text).field.view(), "paths[0]") << "a path is cut where it is too long";
  std::string many = "GET /v1/snapshot\npaths=";
  for (int i = 0; i < 4000; ++i) many += "\x01,";
  EXPECT_EQ(refused(many + "\n\n").reason, Reason::too_big);
}

}  // namespace
}  // namespace signalbox::protocol
