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
  EXPECT_EQ(command->write.channel.view(), "cabin/heater");
  EXPECT_EQ(command->write.action, Write::Action::set);
  EXPECT_EQ(command->write.value, Write::RawValue{true});
  EXPECT_EQ(command->terms.until, Rung::verified);
  EXPECT_FALSE(command->terms.deadline_ms || command->terms.not_after_ms || command->terms.epoch);
}

TEST(Command, ReadsEverything) {
  const Parsed tree = parse(R"({"channel":"cabin/fan","action":"set","value":55.5,"until":"applied",
                                "deadlineMs":60000,"notAfter":1763683200123,"epoch":"0123456789abcdef",
                                "leaseMs":5000,"ifVersion":7,"clientId":"panel-1"})");
  const Result<Command> command = read_command(JsonReader{tree.get(), "payload"});
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(command->write.value, Write::RawValue{55.5});
  EXPECT_EQ(command->terms.until, Rung::applied);
  EXPECT_EQ(command->terms.deadline_ms, 60'000U);
  EXPECT_EQ(command->terms.not_after_ms, 1'763'683'200'123);
  EXPECT_EQ(command->terms.epoch->view(), "0123456789abcdef");
  EXPECT_EQ(command->terms.lease_ms, 5000U);
  EXPECT_EQ(command->write.if_version, 7U);
  EXPECT_EQ(command->terms.client_id.view(), "panel-1");
  const Parsed toggle =
      parse(R"({"channel":"cabin/heater","action":"toggle","value":null,"until":"accepted"})");
  const Result<Command> toggled = read_command(JsonReader{toggle.get(), "payload"});
  ASSERT_TRUE(toggled.has_value());
  EXPECT_EQ(toggled->write.action, Write::Action::toggle);
  EXPECT_EQ(toggled->terms.until, Rung::accepted);
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
          {R"({"channel":"a","value":1,"action":"blink"})", Reason::malformed, "payload.action"},
          {R"({"channel":"a","value":1,"action":"pulse","pulseMs":5})", Reason::malformed, "payload.value"},
          {R"({"channel":"a","action":"pulse"})", Reason::malformed, "payload.pulseMs"},
          {R"({"channel":"a","action":"pulse","pulseMs":0})", Reason::out_of_range, "payload.pulseMs"},
          {R"({"channel":"a","action":"release","value":0})", Reason::malformed, "payload.value"},
          {R"({"channel":"a","value":1,"pulseMs":5})", Reason::malformed, "payload.pulseMs"},
          {R"({"channel":"a","value":1,"action":true})", Reason::malformed, "payload.action"},
          {R"({"channel":"a","value":1,"action":"toggle"})", Reason::malformed, "payload.value"},
          {R"({"channel":"a","value":1,"until":"done"})", Reason::malformed, "payload.until"},
          {R"({"channel":"a","value":1,"deadlineMs":0})", Reason::out_of_range, "payload.deadlineMs"},
          {R"({"channel":"a","value":1,"deadlineMs":60001})", Reason::out_of_range, "payload.deadlineMs"},
          {R"({"channel":"a","value":1,"deadlineMs":1.5})", Reason::malformed, "payload.deadlineMs"},
          {R"({"channel":"a","value":1,"deadlineMs":"9"})", Reason::malformed, "payload.deadlineMs"},
          {R"({"channel":"a","value":1,"notAfter":-1})", Reason::out_of_range, "payload.notAfter"},
          {R"({"channel":"a","value":1,"notAfter":1e17})", Reason::out_of_range, "payload.notAfter"},
          {R"({"channel":"a","value":1,"epoch":5})", Reason::malformed, "payload.epoch"},
          {R"({"channel":"a","value":1,"epoch":"0123456789abcdef0"})", Reason::too_big, "payload.epoch"},
          {R"({"channel":"a","value":1,"leaseMs":0})", Reason::out_of_range, "payload.leaseMs"},
          {R"({"channel":"a","value":1,"leaseMs":true})", Reason::malformed, "payload.leaseMs"},
          {R"({"channel":"a","value":1,"ifVersion":-3})", Reason::out_of_range, "payload.ifVersion"},
          {R"({"channel":"a","value":1,"clientId":"0123456789012345678901234567890123456"})", Reason::too_big,
           "payload.clientId"},
      });
}

TEST(Scene, ReadsItsWrites) {
  const Parsed tree = parse(R"({"writes":[{"channel":"a","value":1},{"channel":"b","action":"toggle"}],
                                "until":"applied","leaseMs":100})");
  const Result<Scene> scene = read_scene(JsonReader{tree.get(), "payload"});
  ASSERT_TRUE(scene.has_value());
  ASSERT_EQ(scene->writes_count, 2);
  EXPECT_EQ(scene->writes[0].value, Write::RawValue{1.0});
  EXPECT_EQ(scene->writes[1].action, Write::Action::toggle);
  EXPECT_EQ(scene->terms.until, Rung::applied);
  EXPECT_EQ(scene->terms.lease_ms, 100U);
}

TEST(Scene, RefusesWhatCannotBeMeant) {
  std::string nine = "{\"writes\":[";
  for (char c = 'a'; c <= 'i'; ++c)
    nine += std::string{c > 'a' ? "," : ""} + "{\"channel\":\"" + c + "\",\"value\":1}";
  nine += "]}";
  expect_refused(read_scene, {
                                 {R"({})", Reason::malformed, "payload.writes"},
                                 {R"({"writes":[]})", Reason::malformed, "payload.writes"},
                                 {nine.c_str(), Reason::too_big, "payload.writes"},
                                 {R"({"writes":[7]})", Reason::malformed, "payload.writes[0]"},
                                 {R"({"writes":[{"channel":"a","value":1},{"value":2}]})", Reason::malformed,
                                  "payload.writes[1].channel"},
                                 {R"({"writes":[{"channel":"a","value":1},{"channel":"a","value":2}]})",
                                  Reason::malformed, "payload.writes[1].channel"},
                                 {R"({"writes":[{"channel":"a","value":1}],"until":"later"})",
                                  Reason::malformed, "payload.until"},
                             });
}

struct Fitting {
  device::ChannelIndex channel;
  Write::RawValue raw;
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
  Write::RawValue raw;
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
