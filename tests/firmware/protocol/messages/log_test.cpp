#include "protocol/messages/log.hpp"

#include <gtest/gtest.h>

#include "firmware/protocol/bad_payload.hpp"
#include "firmware/protocol/cabin.hpp"
#include "firmware/protocol/tree.hpp"

namespace signalbox::protocol {
namespace {

TEST(Log, IsFollowedUnlessItSaysOtherwise) {
  const auto read = [](const char* payload) {
    const Parsed tree = parse(payload);
    return read_follow_log(JsonReader{tree.get(), "payload"});
  };
  EXPECT_TRUE(read("{}")->follow);
  EXPECT_FALSE(read("{}")->resume.has_value());
  EXPECT_FALSE(read(R"({"follow":false})")->follow);
  const Result<FollowLog> again =
      read(R"({"follow":true,"resume":{"epoch":"e7f3","offset":"9007199254740993"}})");
  EXPECT_TRUE(again->follow);
  EXPECT_EQ(again->resume->epoch.view(), "e7f3");
  EXPECT_EQ(again->resume->offset, 9007199254740993U);
  expect_refused(read_follow_log,
                 {
                     {R"({"follow":"yes"})", Reason::malformed, "payload.follow"},
                     {R"({"resume":7})", Reason::malformed, "payload.resume"},
                     {R"({"resume":{"offset":1}})", Reason::malformed, "payload.resume.epoch"},
                     {R"({"resume":{"epoch":"a"}})", Reason::malformed, "payload.resume.offset"},
                 });
}

TEST(Log, ALineTellsItsPlaceItsTimeAndWhatIsLostBeforeIt) {
  const Cabin cabin;
  LogLine line{.offset = 9, .at = cabin.now - from_ms(500), .severity = Severity::error, .text = "a \"b\""};
  EXPECT_EQ(shown(parse(cabin.encode(line)), "payload"),
            R"({"epoch":"e7f3","offset":9,"at":1763683199623,"severity":"error","text":"a \"b\""})");
  line.lost = 3;
  EXPECT_EQ(shown(parse(cabin.encode(line)), "payload.lost"), "3");
}

}  // namespace
}  // namespace signalbox::protocol
