#include "machine/reload.hpp"

#include "firmware/machine/reload_bench.hpp"

namespace signalbox::machine {
namespace {

class ReloadTest : public ReloadBench {
 protected:
  void warm_up() {
    bench.command(client, "on", R"("channel":"cabin/heater","value":true,"leaseMs":50000)");
    bench.command(client, "fan", R"("channel":"cabin/fan","value":50)");
    bench.pass(from_ms(400));
    ASSERT_EQ(client.outcome("on"), R"("verified")");
    ASSERT_EQ(client.outcome("fan"), R"("applied")");
    drives = bench.platform.heater().drives();
  }
  unsigned drives = 0;
};

TEST_F(ReloadTest, OutputsThatStayKeepValueLeaseAndLine) {
  warm_up();
  heater.replace(heater.find(R"("path":"cabin/heater")"), 21, R"("title":"Warmth","path":"cabin/heater")");
  air.replace(air.find("[-40,85]"), 8, "[-20,60]");
  const std::string version = described("cabin/heater", "version");
  reload();
  EXPECT_EQ(client.answers("r"), "ack");
  EXPECT_EQ(client.outcome("r"), R"("reloaded")");
  EXPECT_TRUE(is_on());
  EXPECT_DOUBLE_EQ(duty(), 0.5);
  EXPECT_EQ(bench.platform.heater().drives(), drives) << "its line was not touched";
  EXPECT_NE(lease("cabin/heater").held_by.holder, control::kNobody);
  EXPECT_EQ(described("cabin/heater", "title"), R"("Warmth")");
  EXPECT_EQ(described("cabin/heater", "value"), "true");
  EXPECT_EQ(described("cabin/heater", "version"), std::to_string(std::stoi(version) + 1));
  EXPECT_EQ(described("cabin/temperature", "range.0"), "-20");
  EXPECT_NE(described("cabin/temperature", "value"), "null");
}

TEST_F(ReloadTest, WhatAChannelIsMeasuredInIsToldAgainOnceItChanged) {
  bench.send(client, R"({"type":"subscribe","msgId":"s","payload":{"id":"s","paths":["#"],"deadband":1e9}})");
  bench.pass(from_ms(300));
  const auto measured = [this](std::string_view channel, std::string_view member) {
    std::vector<std::string> told;
    for (const Message& message : client.messages)
      for (int i = 0; message.type() == "telemetry" && i < 10; ++i) {
        const std::string sample = "payload.samples." + std::to_string(i) + '.';
        const bool fits = message.at(sample + "channel") == '"' + std::string{channel} + '"';
        const std::string value = message.at(sample + std::string{member});
        if (fits && !value.empty()) told.push_back(value);
      }
    return told;
  };
  EXPECT_TRUE(measured("cabin/temperature", "range.0").empty()) << "the snapshot had it";
  air.replace(air.find("[-40,85]"), 8, "[-20,60]");
  reload();
  bench.pass(from_ms(1000));
  EXPECT_EQ(measured("cabin/temperature", "range.0"), std::vector<std::string>{"-20"}) << "once";
  EXPECT_TRUE(measured("cabin/fan", "range.0").empty()) << "nothing changed there";
  EXPECT_TRUE(measured("cabin/temperature", "count").empty()) << "nothing was folded";
}

TEST_F(ReloadTest, AWrongFileChangesNothingAndTellsTheLine) {
  warm_up();
  subscribe("#");
  fan.replace(fan.find("80"), 2, "800");
  reload();
  EXPECT_EQ(client.reason("r"), R"("malformed")");
  EXPECT_EQ(
      client.last("r").at("payload.detail"),
      R"x("line 9, parts[3].channels.duty.safe: found 800; expected a number from 0 to 100 (the channel's range)")x");
  EXPECT_TRUE(is_on());
  EXPECT_DOUBLE_EQ(duty(), 0.5);
  EXPECT_EQ(bench.platform.heater().drives(), drives);
  EXPECT_TRUE(events("reloaded").empty());
  fan.replace(fan.find("800"), 3, "80");
  reload("again");
  EXPECT_EQ(client.outcome("again"), R"("reloaded")") << "the next one counts";
}

TEST_F(ReloadTest, AFileThatCannotBeReadChangesNothing) {
  bench.send(client, R"({"type":"reload","msgId":"r"})");
  bench.machine.reload(Error{Reason::not_found, "device.json: No such file or directory"},
                       drivers::catalogue(), bench.now());
  bench.pass(from_ms(10));
  EXPECT_EQ(client.reason("r"), R"("notFound")");
  EXPECT_NE(index("cabin/fan"), device::kNoChannel);
}

TEST_F(ReloadTest, AnOutputThatGoesIsSafeBeforeItsDriverGoes) {
  warm_up();
  subscribe("#");
  const device::ChannelIndex gone = index("cabin/fan");
  bench.faults.add({sim::FaultKind::slow, "fan", bench.now(), kNever});
  fan.clear();
  bench.send(client, R"({"type":"reload","msgId":"r"})");
  text = file();
  bench.machine.reload(std::string_view{text}, drivers::catalogue(), bench.now());
  bench.pass(from_ms(1));
  EXPECT_NE(index("cabin/fan"), device::kNoChannel) << "as long as its hardware is under way";
  bench.pass(from_ms(1000));
  EXPECT_EQ(client.outcome("r"), R"("reloaded")");
  EXPECT_DOUBLE_EQ(duty(), 0.8);
  EXPECT_EQ(index("cabin/fan"), device::kNoChannel);
  EXPECT_EQ(described("cabin/fan", "path"), "");
  EXPECT_TRUE(is_on());
  const auto moved = events("actuated", "cabin/fan");
  ASSERT_EQ(moved.size(), 1U);
  EXPECT_EQ(moved[0].at("payload.cause"), R"("reload")");
  EXPECT_EQ(moved[0].at("payload.by"), R"("owner")");
  EXPECT_EQ(moved[0].at("payload.to"), "80");
  EXPECT_TRUE(bench.machine.roster().channels()[gone].gone);
  bench.command(client, "late", R"("channel":"cabin/fan","value":10)");
  bench.pass(from_ms(20));
  EXPECT_EQ(client.reason("late"), R"("notFound")");
}

TEST_F(ReloadTest, AnOutputWithOtherRulesGoesSafeAndLosesItsLease) {
  warm_up();
  heater.replace(heater.find("60000"), 5, "30000");
  reload();
  EXPECT_EQ(client.outcome("r"), R"("reloaded")");
  EXPECT_FALSE(is_on());
  EXPECT_EQ(lease("cabin/heater").held_by.holder, control::kNobody);
  EXPECT_DOUBLE_EQ(duty(), 0.5) << "the others stay";
  EXPECT_EQ(described("cabin/heater", "output.lease.maxMs"), "30000");
  bench.command(client, "on2", R"("channel":"cabin/heater","value":true,"leaseMs":50000)");
  bench.pass(from_ms(300));
  EXPECT_EQ(client.outcome("on2"), R"("verified")");
}

TEST_F(ReloadTest, AnotherSafeValueIsTaken) {
  warm_up();
  fan.replace(fan.find("80"), 2, "60");
  reload();
  EXPECT_DOUBLE_EQ(duty(), 0.6);
  EXPECT_EQ(described("cabin/fan", "output.safe"), "60");
}

TEST_F(ReloadTest, CommandsForOutputsThatChangeAreSuperseded) {
  heater.replace(heater.find("60000"), 5, "30000");
  bench.send(client, R"({"type":"reload","msgId":"r"})");
  text = file();
  bench.machine.reload(std::string_view{text}, drivers::catalogue(), bench.now());
  bench.heat(client, "on", true);
  bench.command(client, "fan", R"("channel":"cabin/fan","value":50)");
  bench.pass(from_ms(100));
  EXPECT_EQ(client.reason("on"), R"("superseded")");
  EXPECT_EQ(client.outcome("fan"), R"("applied")");
  EXPECT_EQ(client.outcome("r"), R"("reloaded")");
  EXPECT_FALSE(is_on());
}

TEST_F(ReloadTest, NewPartsBeginSafeAndAreReadAtOnce) {
  more =
      R"(,{"kind":"relay","line":"lamp","channels":{"state":{"path":"cabin/lamp","initial":true,"safe":false}}},
    {"kind":"analogLevel","input":"tank","periodMs":50,"channels":{"level":
      {"path":"tank/level","range":[0,100],"calibration":{"scale":20}}}})";
  const std::size_t before = bench.machine.roster().channels().size();
  reload();
  EXPECT_EQ(client.outcome("r"), R"("reloaded")");
  EXPECT_EQ(index("cabin/lamp"), before);
  EXPECT_EQ(described("cabin/lamp", "value"), "false") << "a reload switches nothing on";
  EXPECT_NE(described("tank/level", "value"), "null");
  bench.command(client, "lamp", R"("channel":"cabin/lamp","value":true)");
  bench.pass(from_ms(20));
  EXPECT_EQ(client.outcome("lamp"), R"("applied")");
}

TEST_F(ReloadTest, APartThatCannotBeStartedPutsEverythingBack) {
  warm_up();
  fan.clear();
  more =
      R"(,{"name":"attic","kind":"relay","line":"attic","channels":{"state":{"path":"attic","safe":false}}})";
  reload();
  EXPECT_EQ(client.reason("r"), R"("notFound")");
  EXPECT_EQ(client.last("r").at("payload.detail"),
            R"("part attic (relay): no free output line \"attic\" on this board")");
  EXPECT_TRUE(is_on());
  EXPECT_EQ(bench.platform.heater().drives(), drives);
  EXPECT_DOUBLE_EQ(duty(), 0.8) << "it was made safe, and stays there";
  EXPECT_EQ(index("attic"), device::kNoChannel);
  EXPECT_EQ(described("cabin/fan", "value"), "80");
  bench.command(client, "fan2", R"("channel":"cabin/fan","value":30)");
  bench.pass(from_ms(20));
  EXPECT_EQ(client.outcome("fan2"), R"("applied")");
  EXPECT_DOUBLE_EQ(duty(), 0.3);
}

TEST_F(ReloadTest, AnOutputThatDoesNotBecomeSafeKeepsTheOldFile) {
  warm_up();
  subscribe("#");
  bench.faults.add({sim::FaultKind::fails, "fan", bench.now(), bench.now() + from_ms(5000)});
  fan.clear();
  reload();
  EXPECT_EQ(client.answers("r"), "") << "it is tried for a while";
  bench.send(client, R"({"type":"reload","msgId":"two"})");
  bench.pass(Reload::kWithin);
  EXPECT_EQ(client.reason("two"), R"("busy")");
  EXPECT_EQ(client.reason("r"), R"("failed")");
  EXPECT_EQ(client.last("r").at("payload.detail"),
            R"("cabin/fan could not be made safe in time; the present device file stays")");
  EXPECT_NE(index("cabin/fan"), device::kNoChannel);
  EXPECT_TRUE(is_on());
  describe("cabin/fan");
  bench.pass(from_ms(3000));
  EXPECT_DOUBLE_EQ(duty(), 0.8) << "what safety demands is tried until it is done";
  bench.command(client, "fan2", R"("channel":"cabin/fan","value":30)");
  bench.pass(from_ms(50));
  EXPECT_EQ(client.outcome("fan2"), R"("applied")");
}

TEST_F(ReloadTest, SubscriptionsGoOnWithWhatTheyCovered) {
  subscribe("cabin/#");
  more = R"(,{"kind":"digitalInput","line":"door","periodMs":50,"channels":{"state":{"path":"cabin/door"}}})";
  fan.clear();
  reload();
  ASSERT_EQ(events("reloaded").size(), 1U);
  EXPECT_EQ(events("reloaded")[0].at("payload.by"), R"("owner")");
  EXPECT_EQ(events("reloaded")[0].at("payload.channel"), "");
  bool told_gone = false;
  for (const Message& message : client.messages)
    for (int i = 0; i < 5; ++i) {
      const std::string sample = "payload.samples." + std::to_string(i);
      if (message.type() == "telemetry" && message.at(sample + ".channel") == R"("cabin/fan")")
        told_gone =
            message.at(sample + ".value") == "null" && message.at(sample + ".quality") == R"("stale")";
    }
  EXPECT_TRUE(told_gone) << "the last that is heard of it";
  client.messages.clear();
  bench.heat(client, "on", true);
  bench.pass(from_ms(300));
  EXPECT_GT(client.count("telemetry"), 0U);
  for (const Message& message : client.messages)
    EXPECT_EQ(message.text.find("cabin/door"), std::string::npos) << "not what came later";
  subscribe("cabin/#");
  EXPECT_NE(client.last("s").text.find("synced"), std::string::npos);
}

TEST_F(ReloadTest, ABatonThatIsNoMoreIsTold) {
  const auto with_baton = [&](std::string_view name) {
    return R"({"name":"fan","kind":"pwmFan","output":"fan","channels":{"duty":{"path":"cabin/fan",
      "range":[0,100],"safe":80,"baton":")" +
           std::string{name} + R"("}}})";
  };
  fan = with_baton("air");
  reload();
  subscribe("#");
  bench.send(client, R"({"type":"baton","msgId":"b","payload":{"group":"air","action":"take"}})");
  bench.pass(from_ms(100));
  EXPECT_EQ(client.outcome("b"), R"("taken")");
  client.messages.clear();
  fan = with_baton("wind");
  reload();
  const auto moved = events("batonMoved");
  ASSERT_EQ(moved.size(), 1U);
  EXPECT_EQ(moved[0].at("payload.group"), R"("air")");
  EXPECT_EQ(moved[0].at("payload.by"), "");
}

TEST_F(ReloadTest, ItIsInTheJournal) {
  bench.send(client, R"({"type":"reload","msgId":"r","traceId":"t-7"})");
  hand_in();
  bench.send(client, R"({"type":"journal","msgId":"j"})");
  bench.pass(from_ms(10));
  const Message page = client.last("j");
  EXPECT_NE(page.text.find(R"("kind":"reloaded")"), std::string::npos) << page.text;
  EXPECT_NE(page.text.find(R"("who":"owner")"), std::string::npos);
  EXPECT_NE(page.text.find(R"("traceId":"t-7")"), std::string::npos);
}

TEST_F(ReloadTest, AtTheDeviceNobodyWaitsForAnAnswer) {
  subscribe("#");
  bench.machine.ask_reload();
  bench.machine.ask_reload();
  hand_in();
  ASSERT_EQ(events("reloaded").size(), 1U);
  EXPECT_EQ(events("reloaded")[0].at("payload.by"), "");
  EXPECT_FALSE(bench.machine.wants_device_file());
}

TEST_F(ReloadTest, AskedAtTheDeviceMeanwhileItIsDoneAgain) {
  heater.replace(heater.find("60000"), 5, "30000");
  bench.heat(client, "on", true);
  bench.pass(from_ms(50));
  bench.machine.ask_reload();
  text = file();
  bench.machine.reload(std::string_view{text}, drivers::catalogue(), bench.now());
  bench.machine.ask_reload();
  EXPECT_FALSE(bench.machine.wants_device_file());
  bench.pass(from_ms(300));
  EXPECT_TRUE(bench.machine.wants_device_file());
}

TEST_F(ReloadTest, AStoppingDeviceAnswersThatItIs) {
  bench.faults.add({sim::FaultKind::fails, "fan", bench.now(), kNever});
  fan.clear();
  bench.command(client, "fan", R"("channel":"cabin/fan","value":50)");
  reload();
  bench.machine.stop("restart", bench.now());
  bench.pass(from_ms(100));
  EXPECT_EQ(client.reason("r"), R"("stopped")");
}

TEST_F(ReloadTest, PlacesThatAreUsedUpAreTold) {
  const auto rename = [](std::string& piece, const std::string& from, const std::string& to) {
    piece.replace(piece.find(from), from.size(), to);
  };
  std::string name = "cabin/temperature";
  for (int i = 0; i < 6; ++i) {
    const std::string next = "cabin/air" + std::to_string(i);
    rename(air, name, next);
    name = next;
    reload("r" + std::to_string(i));
    ASSERT_EQ(client.outcome("r" + std::to_string(i)), R"("reloaded")") << i;
  }
  rename(air, name, "cabin/last");
  reload("last");
  EXPECT_EQ(client.reason("last"), R"("tooBig")");
  EXPECT_NE(client.last("last").at("payload.detail").find("restart"), std::string::npos);
  EXPECT_NE(index(name), device::kNoChannel) << "the present file stays";
}

TEST_F(ReloadTest, AnAlarmThatIsDeclaredAsBeforeGoesOn) {
  const auto declare = [&](std::string_view alarms) {
    air = R"({"kind":"tmp102","bus":1,"periodMs":100,"channels":{"temperature":
      {"path":"cabin/temperature","range":[-40,85],"staleMs":5000,"alarms":[)" +
          std::string{alarms} + "]}}}";
  };
  subscribe("#");
  declare(R"({"name":"a","above":-30},{"name":"b","above":-20})");
  reload("one");
  EXPECT_EQ(events("alarmRaised").size(), 2U);
  declare(R"({"name":"b","above":-20},{"name":"a","above":80})");
  reload("two");
  ASSERT_EQ(events("alarmCleared").size(), 1U);
  EXPECT_EQ(events("alarmCleared")[0].at("payload.alarm"), R"("a")");
  EXPECT_EQ(described("cabin/temperature", "alarms.0.state"), R"("active")");
  EXPECT_EQ(described("cabin/temperature", "alarms.1.state"), R"("normal")");
  EXPECT_EQ(events("alarmRaised").size(), 2U);
}

}  // namespace
}  // namespace signalbox::machine
