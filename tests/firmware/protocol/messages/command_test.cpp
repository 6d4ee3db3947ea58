#include "protocol/messages/command.hpp"

#include <gtest/gtest.h>
#include <limits>

#include "firmware/protocol/bad_payload.hpp"
#include "firmware/protocol/cabin.hpp"

namespace signalbox::protocol {
namespace {

TEST(Command, HasDefaults) {
  const Parsed tree = parse(R"({"channel":"cabin/heater","value":true})");
  const Result<Command> command = read_command(JsonReader{tree.get(), "payload"});
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(command->channel.view(), "cabin/heater");
  EXPECT_EQ(command->action, Command::Action::set);
  EXPECT_EQ(command->value, Command::RawValue{true});
  EXPECT_EQ(command->until, Rung::verified);
  EXPECT_FALSE(command->deadline_ms || command->not_after_ms || command->epoch);
}

TEST(Command, ReadsEverything) {
  const Parsed tree = parse(R"({"channel":"cabin/fan","action":"set","value":55.5,"until":"applied",
                                "deadlineMs":3600000,"notAfter":1763683200123,"epoch":"0123456789abcdef"})");
  const Result<Command> command = read_command(JsonReader{tree.get(), "payload"});
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(command->value, Command::RawValue{55.5});
  EXPECT_EQ(command->until, Rung::applied);
  EXPECT_EQ(command->deadline_ms, 3'600'000U);
  EXPECT_EQ(command->not_after_ms, 1'763'683'200'123);
  EXPECT_EQ(command->epoch->view(), "0123456789abcdef");
  const Parsed toggle =
      parse(R"({"channel":"cabin/heater","action":"toggle","value":null,"until":"accepted"})");
  const Result<Command> toggled = read_command(JsonReader{toggle.get(), "payload"});
  ASSERT_TRUE(toggled.has_value());
  EXPECT_EQ(toggled->action, Command::Action::toggle);
  EXPECT_EQ(toggled->until, Rung::accepted);
}

TEST(Command, RefusesWhatCannotBeMeant) {
  const std::string long_path = "{\"channel\":" + quoted(48) + ",\"value\":1}";
  const std::string long_value = R"({"channel":"a","value":)" + quoted(32) + "}";
  expect_refused(
      read_command,
      {
          {R"({"value":1})", Reason::malformed, "payload.channel"},
          {R"({"channel":3,"value":1})", Reason::malformed, "payload.channel"},
          {R"({"channel":"a/#","value":1})", Reason::malformed, "payload.channel"},
          {R"({"channel":"a//b","value":1})", Reason::malformed, "payload.channel"},
          {long_path.c_str(), Reason::too_big, "payload.channel"},
          {R"({"channel":"a"})", Reason::malformed, "payload.value"},
          {R"({"channel":"a","value":null})", Reason::malformed, "payload.value"},
          {R"({"channel":"a","value":[1]})", Reason::malformed, "payload.value"},
          {R"({"channel":"a","value":{}})", Reason::malformed, "payload.value"},
          {R"({"channel":"a","value":1e999})", Reason::out_of_range, "payload.value"},
          {long_value.c_str(), Reason::too_big, "payload.value"},
          {R"({"channel":"a","value":1,"action":"pulse"})", Reason::malformed, "payload.action"},
          {R"({"channel":"a","value":1,"action":true})", Reason::malformed, "payload.action"},
          {R"({"channel":"a","value":1,"action":"toggle"})", Reason::malformed, "payload.value"},
          {R"({"channel":"a","value":1,"until":"done"})", Reason::malformed, "payload.until"},
          {R"({"channel":"a","value":1,"deadlineMs":0})", Reason::out_of_range, "payload.deadlineMs"},
          {R"({"channel":"a","value":1,"deadlineMs":3600001})", Reason::out_of_range, "payload.deadlineMs"},
          {R"({"channel":"a","value":1,"deadlineMs":1.5})", Reason::malformed, "payload.deadlineMs"},
          {R"({"channel":"a","value":1,"deadlineMs":"9"})", Reason::malformed, "payload.deadlineMs"},
          {R"({"channel":"a","value":1,"notAfter":-1})", Reason::out_of_range, "payload.notAfter"},
          {R"({"channel":"a","value":1,"notAfter":1e17})", Reason::out_of_range, "payload.notAfter"},
          {R"({"channel":"a","value":1,"epoch":5})", Reason::malformed, "payload.epoch"},
          {R"({"channel":"a","value":1,"epoch":"0123456789abcdef0"})", Reason::too_big, "payload.epoch"},
          {R"({"channel":"a","value":1,"leaseMs":100})", Reason::malformed, "payload.leaseMs"},
          {R"({"channel":"a","value":1,"ifVersion":3})", Reason::malformed, "payload.ifVersion"},
      });
}

struct Fitting {
  device::ChannelIndex channel;
  Command::RawValue raw;
  device::Value value;
};

TEST(ValueFor, TakesWhatTheChannelHolds) {
  Cabin cabin;
  const Fitting fitting[] = {
      {Cabin::fan, 0.0, 0.0},
      {Cabin::fan, 100.0, 100.0},
      {Cabin::heater, false, false},
      {Cabin::mode, "low", device::EnumIndex{1}},
      {Cabin::note, "hello", device::Text{"hello"}},
      {Cabin::note, "", device::Text{}},
  };
  for (const Fitting& one : fitting) {
    const Result<device::Value> value = value_for(cabin.channel(one.channel), one.raw);
    ASSERT_TRUE(value.has_value());
    EXPECT_EQ(*value, one.value);
  }
}

struct Unfitting {
  device::ChannelIndex channel;
  Command::RawValue raw;
  Reason reason;
  const char* detail;
};

TEST(ValueFor, SaysWhatWouldBeRight) {
  Cabin cabin;
  const std::string long_text(32, 'x');
  const Unfitting unfitting[] = {
      {Cabin::fan, 100.5, Reason::out_of_range, "found 100.5; expected a number from 0 to 100 %"},
      {Cabin::fan, -1.0, Reason::out_of_range, "found -1; expected a number from 0 to 100 %"},
      {Cabin::fan, true, Reason::malformed, "found true or false; expected a number from 0 to 100 %"},
      {Cabin::fan, "50", Reason::malformed, "found text; expected a number from 0 to 100 %"},
      {Cabin::fan, {}, Reason::malformed, "found nothing; expected a number from 0 to 100 %"},
      {Cabin::heater, 1.0, Reason::malformed, "found a number; expected true or false"},
      {Cabin::mode, 1.0, Reason::malformed, "found a number; expected one of off, low, high"},
      {Cabin::mode, "full", Reason::out_of_range, "found \"full\"; expected one of off, low, high"},
      {Cabin::note, false, Reason::malformed, "found true or false; expected text of at most 31 bytes"},
      {Cabin::note, long_text, Reason::too_big, "found 32 bytes; expected at most 31"},
  };
  for (const Unfitting& one : unfitting) {
    const Result<device::Value> value = value_for(cabin.channel(one.channel), one.raw);
    ASSERT_FALSE(value.has_value()) << one.detail;
    EXPECT_EQ(value.error().reason, one.reason) << one.detail;
    EXPECT_EQ(value.error().field.view(), "payload.value");
    EXPECT_EQ(value.error().detail.view(), one.detail);
  }
  device::Channel number = cabin.channel(Cabin::fan);
  EXPECT_FALSE(value_for(number, std::numeric_limits<double>::quiet_NaN()).has_value());
}

}  // namespace
}  // namespace signalbox::protocol
