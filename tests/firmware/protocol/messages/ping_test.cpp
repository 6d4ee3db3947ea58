#include "protocol/messages/ping.hpp"

#include <gtest/gtest.h>

#include "firmware/protocol/bad_payload.hpp"
#include "firmware/protocol/cabin.hpp"

namespace signalbox::protocol {
namespace {

TEST(Ping, ReadsItsData) {
  const Parsed tree = parse("{\"data\":" + quoted(kPingBytesMax) + "}");
  EXPECT_EQ(read_ping(JsonReader{tree.get(), "payload"})->data->size(), kPingBytesMax);
  EXPECT_EQ(read_ping(JsonReader{nullptr, "payload"})->data, std::nullopt);
  EXPECT_EQ(read_ping(JsonReader{parse(R"({"data":""})").get(), "payload"})->data, "");
}

TEST(Ping, RefusesWrongData) {
  const std::string long_data = "{\"data\":" + quoted(kPingBytesMax + 1) + "}";
  expect_refused(read_ping, {
                                {R"({"data":1})", Reason::malformed, "payload.data"},
                                {R"({"data":{}})", Reason::malformed, "payload.data"},
                                {long_data.c_str(), Reason::too_big, "payload.data"},
                            });
}

TEST(Pong, TellsBothTimesAndTheData) {
  const Cabin cabin;
  EXPECT_EQ(cabin.encode(Pong{"x"}), R"({"type":"pong","replyTo":"c-17","timestamp":1763683200123,)"
                                     R"("traceId":"t-1","payload":{"deviceTime":1763683200123,)"
                                     R"("uptimeMs":5000,"data":"x"}})");
  EXPECT_EQ(shown(parse(cabin.encode(Pong{""})), "payload.data"), R"("")");
  EXPECT_EQ(shown(parse(cabin.encode(Pong{})), "payload"), R"({"deviceTime":1763683200123,"uptimeMs":5000})");
}

}  // namespace
}  // namespace signalbox::protocol
