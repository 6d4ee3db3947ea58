#include "device/device_file_alarm.hpp"

#include "firmware/device/device_file_bench.hpp"

namespace signalbox::device {
namespace {

constexpr std::string_view kFile = R"({"device": {"id": "a"}, "parts": [
  {"kind": "tmp102", "bus": 1, "channels": {"temperature": {"path": "air", "range": [-20, 60], "alarms": [
    {"name": "tooHot", "above": 30, "deadband": 1.5, "onDelayMs": 5000, "offDelayMs": 2000,
     "severity": "error", "acknowledge": true, "text": "Open the door"},
    {"name": "tooCold", "below": 5},
    {"name": "blind", "quality": "bad"}]}}},
  {"kind": "relay", "line": "pump", "channels": {"state": {"path": "pump", "safe": false,
    "alarms": [{"name": "on", "is": true}]}}},
  {"kind": "sign", "channels": {"mode": {"path": "sign", "labels": ["off", "slow"], "safe": "off",
    "alarms": [{"name": "slow", "is": "slow"}]}}}]})";

TEST(DeviceFileAlarm, TakesWhatIsDeclared) {
  DeviceFileBench bench;
  const auto mistake = bench.read(kFile);
  ASSERT_FALSE(mistake.has_value()) << mistake->text().view();
  const std::span<const AlarmRule> air = bench.channel("air").alarms();
  ASSERT_EQ(air.size(), 3U);
  EXPECT_EQ(air[0].name.view(), "tooHot");
  EXPECT_EQ(air[0].text.view(), "Open the door");
  EXPECT_EQ(air[0].condition.channel, bench.roster.find("air"));
  EXPECT_EQ(air[0].condition.test, Condition::Test::above);
  EXPECT_EQ(air[0].condition.limit, 30.0);
  EXPECT_EQ(air[0].deadband, 1.5);
  EXPECT_EQ(air[0].on_delay, from_ms(5000));
  EXPECT_EQ(air[0].off_delay, from_ms(2000));
  EXPECT_EQ(air[0].severity, Severity::error);
  EXPECT_TRUE(air[0].acknowledge);
  EXPECT_FALSE(air[0].on_bad_quality);
  EXPECT_EQ(air[1].condition.test, Condition::Test::below);
  EXPECT_EQ(air[1].severity, Severity::warning);
  EXPECT_EQ(air[1].on_delay, Duration{0});
  EXPECT_FALSE(air[1].acknowledge);
  EXPECT_TRUE(air[2].on_bad_quality);
  EXPECT_EQ(bench.channel("pump").alarms()[0].condition.value, Value{true});
  EXPECT_EQ(bench.channel("sign").alarms()[0].condition.value, Value{EnumIndex{1}});
}

TEST(DeviceFileAlarm, TellsEveryMistake) {
  for (const Slip& slip : {
           Slip{R"([{"name": "on", "is": true}])", "[]", ".alarms", "a list of 1 to 4 alarms"},
           Slip{R"([{"name": "on", "is": true}])", R"({"name": "on"})", ".alarms", "a list of 1 to 4"},
           Slip{R"("name": "tooCold", )", "", "alarms[1].name", "the alarm's name"},
           Slip{R"("tooCold")", R"("too/cold")", "alarms[1].name", "the alarm's name"},
           Slip{R"("tooCold")", R"("tooHot")", "alarms[1].name", "a name of its own"},
           Slip{R"("below": 5)", R"("beneath": 5)", "alarms[1].beneath", "one of name, text, above"},
           Slip{R"(, "below": 5)", "", "alarms[1].is", "exactly one of above, below, is, quality"},
           Slip{R"("below": 5)", R"("below": 5, "above": 6)", "alarms[1].above", "exactly one of above"},
           Slip{R"("quality": "bad")", R"("quality": "bad", "is": 1)", "alarms[2].is", "exactly one of"},
           Slip{R"("bad")", R"("stale")", "alarms[2].quality", "bad"},
           Slip{R"("below": 5)", R"("below": -21)", "alarms[1].below", "a number from -20 to 60"},
           Slip{R"("below": 5)", R"("below": -20)", "alarms[1].below", "a limit inside the range"},
           Slip{R"("above": 30)", R"("above": 60)", "alarms[0].above", "a limit inside the range"},
           Slip{R"("deadband": 1.5)", R"("deadband": 51)", "alarms[0].deadband", "a number from 0 to 50"},
           Slip{R"("below": 5)", R"("below": 5, "deadband": 56)", "alarms[1].deadband",
                "a number from 0 to 55"},
           Slip{R"("is": true)", R"("is": true, "deadband": 0)", "alarms[0].deadband",
                "it beside above or below only"},
           Slip{R"("is": true)", R"("is": 1)", "alarms[0].is", "true or false"},
           Slip{R"("is": true)", R"("above": 1)", "alarms[0].above", "is: only numbers"},
           Slip{R"("is": "slow")", R"("is": "fast")", "alarms[0].is", "one of off, slow"},
           Slip{"5000", "-1", "alarms[0].onDelayMs", "a whole number from 0 to 86400000"},
           Slip{"2000", "1.5", "alarms[0].offDelayMs", "a whole number from 0 to 86400000"},
           Slip{R"("error")", R"("info")", "alarms[0].severity", "one of warning, error"},
           Slip{R"("acknowledge": true)", R"("acknowledge": 1)", "alarms[0].acknowledge", "true or false"},
           Slip{R"("text": "Open the door")", R"("text": 1)", "alarms[0].text", "a text: what it means"},
       })
    expect_told(kFile, slip);
}

}  // namespace
}  // namespace signalbox::device
