#include "protocol/dialects/http.hpp"

#include <array>
#include <gtest/gtest.h>
#include <string>

#include "firmware/protocol/cabin.hpp"
#include "firmware/protocol/every_message.hpp"
#include "firmware/protocol/tree.hpp"
#include "protocol/json_writer.hpp"

namespace signalbox::protocol {
namespace {

class HttpDialects : public testing::Test {
 protected:
  template <typename... Told>
  std::string encode(const Dialect& dialect, const Told&... told) {
    return std::string{dialect.encode(told..., cabin.view(), buffer)};
  }
  std::string payload(const Told& told) {
    std::array<char, 8192> memory{};
    JsonWriter writer{memory};
    write_payload(writer, told, &cabin.principal, cabin.view());
    return std::string{writer.written()};
  }
  device::ChannelSet heater() const {
    device::ChannelSet set;
    set.set(Cabin::heater);
    return set;
  }

  Cabin cabin;
  std::array<char, 8192> buffer{};
  const Dialect& http = *find_dialect("http");
  const Dialect& events = *find_dialect("http.events");
};

TEST_F(HttpDialects, ABodyIsThePayloadOfTheFinalAnswer) {
  for (const Told& told : every<Told>()) {
    EXPECT_EQ(http.tells(told), is_final(told)) << type_of(told);
    if (is_final(told) && !std::holds_alternative<Failure>(told)) {
      EXPECT_EQ(encode(http, Answer{{"c", "t"}, told}, &cabin.principal), payload(told) + "\n");
    }
  }
  EXPECT_EQ(http.course(), Course::single);
  EXPECT_EQ(events.course(), Course::stream);
  EXPECT_TRUE(find_dialect("signalbox.v1")->converses());
}

TEST_F(HttpDialects, AFailureNamesTheParameterOrMemberItself) {
  for (const Dialect* dialect : {&http, &events}) {
    const Told failure = Failure{{Reason::out_of_range, "why", "payload.paths[1]"}};
    const std::string text = encode(*dialect, Answer{{}, failure}, &cabin.principal);
    EXPECT_EQ(shown(parse(text), "field"), R"("paths[1]")") << text;
    EXPECT_EQ(shown(parse(text), "code"), "422");
  }
}

TEST_F(HttpDialects, EventsHaveTheirTypeTheirPlaceAndTheirPayload) {
  const Told snapshot = Snapshot{"events", heater()};
  const std::string offset = std::to_string(cabin.values.offset());
  EXPECT_EQ(encode(events, Answer{{}, snapshot}, &cabin.principal),
            "retry: 2000\nevent: snapshot\nid: e7f3:" + offset + "\ndata: " + payload(snapshot) + "\n\n");
  const std::string telemetry = encode(events, Published{Telemetry{heater()}});
  EXPECT_TRUE(telemetry.starts_with("event: telemetry\nid: e7f3:" + offset + "\ndata: {")) << telemetry;
  EXPECT_TRUE(telemetry.ends_with("}\n\n"));
  const std::string part = encode(events, Published{Telemetry{.channels = heater(), .more = true}});
  EXPECT_EQ(part.find("id:"), std::string::npos) << "the rest of what was folded is still to come";
  const std::string event = encode(events, Published{Event{.offset = 1, .name = "reset"}});
  EXPECT_TRUE(event.starts_with("event: event\ndata: {")) << "samples of before it may be folded: " << event;
  EXPECT_FALSE(events.tells(Told{Synced{}}));
  EXPECT_FALSE(events.tells(Told{Welcome{}}));
}

TEST_F(HttpDialects, WhatDoesNotFitIsEmpty) {
  const Answer answer{{}, Snapshot{"events", heater()}};
  for (const Dialect* dialect : {&http, &events}) {
    const std::string whole = encode(*dialect, answer, &cabin.principal);
    for (std::size_t size = 0; size < whole.size(); ++size)
      ASSERT_TRUE(
          dialect->encode(answer, &cabin.principal, cabin.view(), std::span{buffer}.first(size)).empty());
  }
}

}  // namespace
}  // namespace signalbox::protocol
