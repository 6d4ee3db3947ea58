#include "protocol/message.hpp"

#include <gtest/gtest.h>
#include <string>

#include "firmware/protocol/tree.hpp"
#include "protocol/json_reader.hpp"

namespace signalbox::protocol {
namespace {

template <typename T>
void expect_read(const char* payload) {
  const Parsed tree = parse(payload);
  const Result<Request> request = read_request(T::type, JsonReader{tree.get(), "params"});
  ASSERT_TRUE(request.has_value()) << T::type;
  EXPECT_TRUE(std::holds_alternative<T>(*request)) << T::type;
}

TEST(ReadRequest, FindsTheReaderOfEveryType) {
  expect_read<Authenticate>(R"({"token":"x"})");
  expect_read<Ping>("{}");
  expect_read<Describe>("{}");
  expect_read<Subscribe>(R"({"id":"a","paths":["#"]})");
  expect_read<Unsubscribe>(R"({"id":"a"})");
  expect_read<Command>(R"({"channel":"a","value":1})");
  expect_read<AskHistory>(R"({"paths":["#"],"from":0,"to":1})");
  expect_read<ReadJournal>("{}");
  expect_read<Reload>("{}");
  expect_read<Acknowledge>(R"({"offset":1})");
}

TEST(ReadRequest, NamesTheTypesThereAre) {
  const Result<Request> request = read_request("dance", JsonReader{nullptr, "payload"});
  ASSERT_FALSE(request.has_value());
  EXPECT_EQ(request.error().reason, Reason::unknown_type);
  EXPECT_EQ(request.error().field.view(), "type");
  EXPECT_EQ(
      request.error().detail.view(),
      "found \"dance\"; expected one of acknowledge, announce, authenticate, baton, command, describe, "
      "history, issueToken, join, journal, leave, log, ping, presence, refreshToken, reload, renew, reset, "
      "resume, "
      "revokeToken, ...");
  const Result<Request> longer = read_request("open-the-pod-bay-doors", JsonReader{nullptr, "payload"});
  EXPECT_TRUE(
      longer.error().detail.view().starts_with("found \"open-the-pod-bay-doo...\"; expected one of ackn"));
}

TEST(TypeOf, IsTheWordOnTheWire) {
  EXPECT_EQ(type_of(Ack{}), "ack");
  EXPECT_EQ(type_of(Failure{}), "error");
  EXPECT_EQ(type_of(Description{}), "description");
  EXPECT_EQ(type_of(JournalPage{}), "journal");
}

}  // namespace
}  // namespace signalbox::protocol
