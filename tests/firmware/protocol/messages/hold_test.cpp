#include "protocol/messages/hold.hpp"

#include <gtest/gtest.h>

#include "firmware/protocol/bad_payload.hpp"

namespace signalbox::protocol {
namespace {

TEST(Renew, ReadsAndRefuses) {
  const Parsed tree = parse(R"({"channel":"cabin/heater","leaseMs":600000})");
  const Result<Renew> renew = read_renew(JsonReader{tree.get(), "payload"});
  ASSERT_TRUE(renew.has_value());
  EXPECT_EQ(renew->channel.view(), "cabin/heater");
  EXPECT_EQ(renew->lease_ms, 600'000U);
  expect_refused(read_renew,
                 {
                     {R"({"leaseMs":5})", Reason::malformed, "payload.channel"},
                     {R"({"channel":"a/+","leaseMs":5})", Reason::malformed, "payload.channel"},
                     {R"({"channel":"a"})", Reason::malformed, "payload.leaseMs"},
                     {R"({"channel":"a","leaseMs":0})", Reason::out_of_range, "payload.leaseMs"},
                     {R"({"channel":"a","leaseMs":600001})", Reason::out_of_range, "payload.leaseMs"},
                 });
}

TEST(AskBaton, ReadsAndRefuses) {
  const Parsed tree = parse(R"({"group":"cabin","action":"steal"})");
  const Result<AskBaton> asked = read_baton(JsonReader{tree.get(), "payload"});
  ASSERT_TRUE(asked.has_value());
  EXPECT_EQ(asked->group.view(), "cabin");
  EXPECT_EQ(asked->action, AskBaton::Action::steal);
  expect_refused(read_baton, {
                                 {R"({"action":"take"})", Reason::malformed, "payload.group"},
                                 {R"({"group":"","action":"take"})", Reason::malformed, "payload.group"},
                                 {R"({"group":"g"})", Reason::malformed, "payload.action"},
                                 {R"({"group":"g","action":"drop"})", Reason::malformed, "payload.action"},
                             });
}

TEST(Stop, NeedsNothing) {
  EXPECT_TRUE(read_stop(JsonReader{nullptr, "payload"}).has_value());
  EXPECT_TRUE(read_reset(JsonReader{nullptr, "payload"}).has_value());
}

}  // namespace
}  // namespace signalbox::protocol
