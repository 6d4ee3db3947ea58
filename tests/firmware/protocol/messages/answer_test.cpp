#include "protocol/messages/answer.hpp"

#include <gtest/gtest.h>

#include "firmware/protocol/cabin.hpp"
#include "firmware/protocol/tree.hpp"

namespace signalbox::protocol {
namespace {

std::string payload(const Told& told, const Principal* principal = nullptr) {
  const Cabin cabin;
  return shown(parse(cabin.encode(told, principal)), "payload");
}

TEST(Ack, TellsEveryOutcome) {
  using Outcome = Ack::Outcome;
  EXPECT_EQ(payload(Ack{Outcome::accepted}), R"({"outcome":"accepted"})");
  EXPECT_EQ(payload(Ack{Outcome::applied}), R"({"outcome":"applied"})");
  EXPECT_EQ(payload(Ack{Outcome::verified}), R"({"outcome":"verified"})");
  EXPECT_EQ(payload(Ack{Outcome::authenticated}), R"({"outcome":"authenticated"})");
  EXPECT_EQ(payload(Ack{Outcome::unsubscribed}), R"({"outcome":"unsubscribed"})");
}

TEST(Progress, TellsTheRung) {
  EXPECT_EQ(payload(Progress{Rung::accepted}), R"({"rung":"accepted"})");
  EXPECT_EQ(payload(Progress{Rung::applied}), R"({"rung":"applied"})");
}

TEST(Failure, TellsWhyWhereAndWhen) {
  EXPECT_EQ(payload(Failure{{Reason::out_of_range, "found 7; expected 1 to 3", "payload.value", 0}}),
            R"({"code":422,"reason":"outOfRange","temporary":false,"field":"payload.value",)"
            R"("detail":"found 7; expected 1 to 3"})");
  EXPECT_EQ(payload(Failure{{Reason::busy, "8 commands are in flight", {}, 250}}),
            R"({"code":429,"reason":"busy","temporary":true,"retryAfterMs":250,)"
            R"("detail":"8 commands are in flight"})");
}

TEST(Failure, EveryReasonHasACodeOfItsKind) {
  for (std::size_t i = 0; i < kReasons; ++i) {
    const std::uint16_t code = code_of(static_cast<Reason>(i));
    EXPECT_TRUE((code >= 400 && code <= 431) || (code >= 500 && code <= 504))
        << wire_name(static_cast<Reason>(i));
  }
  EXPECT_EQ(code_of(Reason::malformed), 400);
  EXPECT_EQ(code_of(Reason::unauthenticated), 401);
  EXPECT_EQ(code_of(Reason::held), 423);
  EXPECT_EQ(code_of(Reason::internal), 500);
  EXPECT_EQ(code_of(Reason::overloaded), 503);
}

TEST(Welcome, TellsWhoThisIsAndWhatOneMay) {
  const Cabin cabin;
  EXPECT_EQ(
      payload(Welcome{"s-1"}, &cabin.principal),
      R"({"device":{"id":"bench-1","title":"Bench"},"stopped":false,"firmwareVersion":"0.1.0","epoch":"e7f3",)"
      R"("protocol":"signalbox.v1","deviceTime":1763683200123,"clock":"set","session":"s-1","authenticated":true,)"
      R"("limits":{"sessions":64,"messageBytes":4096,"nesting":16,"subscriptions":4,)"
      R"("commandsInFlight":8,"groups":4,"historySamples":1024,"authenticateMs":5000,"heartbeatMs":20000,"deadAfterMs":45000,)"
      R"("unreadAfterMs":30000,"requestsPerS":200,"bytesPerS":262144,"failedLogins":5,"connectionsPerAddress":64},)"
      R"("heartbeatMs":20000,)"
      R"("rights":{"read":["#"],"control":["cabin/#"],"administer":false},)"
      R"("features":["telemetry","control","events","history","journal","people","alarms","tokens"]})");
}

TEST(Welcome, SaysThatACredentialIsMissing) {
  const Cabin cabin;
  const Parsed tree = parse(cabin.encode(Welcome{"s-1"}));
  EXPECT_EQ(shown(tree, "payload.authenticated"), "false");
  EXPECT_EQ(shown(tree, "payload.rights"), "");
  const Principal reader{.name = "r", .scope = Scope{Role::viewer}};
  EXPECT_EQ(shown(parse(cabin.encode(Welcome{"s-1"}, &reader)), "payload.rights"),
            R"({"read":["#"],"administer":false})");
}

TEST(Goodbye, TellsWhyAndWhenToComeBack) {
  EXPECT_EQ(payload(Goodbye{"restart", 2000}), R"({"reason":"restart","retryAfterMs":2000})");
  EXPECT_EQ(payload(Goodbye{"bye", 0}), R"({"reason":"bye"})");
}

}  // namespace
}  // namespace signalbox::protocol
