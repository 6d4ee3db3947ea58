#include "device/device_file_output.hpp"

#include <fstream>
#include <sstream>

#include "firmware/device/device_file_bench.hpp"

namespace signalbox::device {
namespace {

/// An output with everything it can declare, and what it watches.
constexpr std::string_view kOutputs = R"({"device": {"id": "a"}, "parts": [
  {"kind": "relay", "line": "pump", "channels": {"state": {"path": "pump", "safe": false,
    "pulseMaxMs": 5000, "minOnMs": 100, "minOffMs": 200, "baton": "cellar",
    "lease": {"required": true, "maxMs": 3000},
    "interlocks": [{"channel": "lid", "is": false},
                   {"channel": "air", "below": 40.5}],
    "override": {"channel": "lid", "is": true, "value": true}}}},
  {"kind": "pwmFan", "output": "fan", "channels": {"duty": {"path": "fan", "safe": 0,
    "ratePerS": 25, "baton": "cellar",
    "interlocks": [{"channel": "pump", "is": true}]}}},
  {"kind": "digitalInput", "line": "lid", "channels": {"state": {"path": "lid"}}},
  {"kind": "tmp102", "bus": 1, "channels": {"temperature": {"path": "air", "range": [-20, 60]}}}],
  "stop": {"channel": "lid", "is": true}})";

TEST(DeviceFileOutput, TakesWhatIsDeclared) {
  DeviceFileBench bench;
  const auto mistake = bench.read(kOutputs);
  ASSERT_FALSE(mistake.has_value()) << mistake->text().view();
  const OutputRules& pump = *bench.channel("pump").output;
  EXPECT_EQ(pump.pulse_longest, from_ms(5000));
  EXPECT_EQ(pump.on_at_least, from_ms(100));
  EXPECT_EQ(pump.off_at_least, from_ms(200));
  ASSERT_TRUE(pump.lease.has_value());
  EXPECT_TRUE(pump.lease->required);
  EXPECT_EQ(pump.lease->longest, from_ms(3000));
  ASSERT_EQ(pump.conditions().size(), 2U);
  EXPECT_EQ(pump.conditions()[0].channel, bench.roster.find("lid"));
  EXPECT_EQ(pump.conditions()[0].value, Value{false});
  EXPECT_EQ(pump.conditions()[1].test, Condition::Test::below);
  EXPECT_EQ(pump.conditions()[1].limit, 40.5);
  ASSERT_TRUE(pump.local_override.has_value());
  EXPECT_EQ(pump.local_override->value, Value{true});
  const OutputRules& fan = *bench.channel("fan").output;
  EXPECT_EQ(fan.change_per_second, 25.0);
  EXPECT_EQ(fan.baton, pump.baton);
  EXPECT_FALSE(fan.lease.has_value());
  ASSERT_TRUE(bench.roster.stop_input.has_value());
  EXPECT_EQ(bench.roster.stop_input->channel, bench.roster.find("lid"));
  ASSERT_EQ(bench.roster.batons().size(), 1U);
  EXPECT_EQ(bench.roster.batons()[0].view(), "cellar");
}

TEST(DeviceFileOutput, TakesTheExampleOfTheBoardsPage) {
  std::stringstream page;
  page << std::ifstream{SIGNALBOX_SOURCE_DIR "/boards/README.md"}.rdbuf();
  std::string shown = page.str();
  shown.erase(0, shown.find("\"state\": {", shown.find("### An output")));
  shown.erase(shown.find("```"));
  DeviceFileBench bench;
  const auto mistake =
      bench.read(R"({"device": {"id": "a"}, "parts": [{"kind": "relay", "line": "heater", "channels": {)" +
                 shown + R"(}},
  {"kind": "pwmFan", "output": "fan", "channels": {"duty": {"path": "cabin/fan", "safe": 0}}},
  {"kind": "digitalInput", "line": "a", "channels": {"state": {"path": "cabin/doorOpen"}}},
  {"kind": "digitalInput", "line": "b", "channels": {"state": {"path": "cabin/serviceSwitch"}}},
  {"kind": "digitalInput", "line": "c", "channels": {"state": {"path": "cabin/heaterSense"}}}],
  "stop": {"channel": "cabin/serviceSwitch", "is": true}})");
  ASSERT_FALSE(mistake.has_value()) << mistake->text().view();
  const OutputRules& heater = *bench.channel("cabin/heater").output;
  EXPECT_TRUE(heater.lease->required);
  EXPECT_EQ(heater.conditions().size(), 2U);
  EXPECT_TRUE(heater.local_override && heater.feedback);
}

TEST(DeviceFileOutput, TellsEveryMistake) {
  for (const Slip& slip : {
           Slip{"\"pulseMaxMs\": 5000", "\"pulseMaxMs\": 0", ".pulseMaxMs", "a whole number from 1 to"},
           Slip{"\"minOnMs\": 100", "\"initial\": true", ".initial", "the safe value"},
           Slip{"\"safe\": 0,", "\"safe\": 0, \"initial\": 5,", ".initial", "the safe value"},
           Slip{"\"minOnMs\": 100", "\"minOnMs\": -1", ".minOnMs", "a whole number from 0 to"},
           Slip{"\"minOffMs\": 200", "\"minOffMs\": \"long\"", ".minOffMs", "a whole number from 0 to"},
           Slip{"\"required\": true", "\"required\": 1", ".lease.required", "true or false"},
           Slip{"\"maxMs\": 3000", "\"maxMs\": 10", ".lease.maxMs", "a whole number from 100 to"},
           Slip{"\"required\": true", "\"need\": true", ".lease.need", "one of required, maxMs"},
           Slip{"\"cellar\",\n    \"lease\"", "\"a/b\",\n    \"lease\"", ".baton", "a name of up to 31"},
           Slip{"\"ratePerS\": 25", "\"ratePerS\": 0", ".ratePerS", "a number from 1e-06 to"},
           Slip{"\"ratePerS\": 25", "\"pulseMaxMs\": 25", ".pulseMaxMs", "it on outputs that are on or off"},
           Slip{"\"minOnMs\": 100", "\"ratePerS\": 1", ".ratePerS", "it on outputs of numbers only"},
           Slip{"\"lid\", \"is\": false", "\"led\", \"is\": false", ".interlocks[0].channel",
                "the path of a channel"},
           Slip{"\"lid\", \"is\": false", "\"lid\"", ".interlocks[0].is", "exactly one of is, below, above"},
           Slip{"\"lid\", \"is\": false", "\"lid\", \"is\": 0", ".interlocks[0].is", "true or false"},
           Slip{"\"lid\", \"is\": false", "\"lid\", \"above\": 0", ".interlocks[0].above",
                "is: only numbers"},
           Slip{"\"below\": 40.5", "\"below\": 140", ".interlocks[1].below", "a number from -20 to 60"},
           Slip{"\"below\": 40.5", "\"below\": 4, \"above\": 2", ".interlocks[1].above", "exactly one of"},
           Slip{"\"channel\": \"air\", ", "\"channel\": \"pump\", ", ".interlocks[1].below",
                "is: only numbers"},
           Slip{"[{\"channel\": \"pump\", \"is\": true}]", "[]", ".interlocks",
                "a list of 1 to 4 conditions"},
           Slip{"[{\"channel\": \"pump\", \"is\": true}]", "[{\"channel\": \"fan\", \"is\": 1}]",
                ".interlocks[0].channel", "another channel"},
           Slip{"\"is\": true, \"value\": true", "\"is\": true, \"value\": 3", ".override.value",
                "true or false"},
           Slip{"\"lid\", \"is\": true, \"value\"", "\"pump\", \"is\": true, \"value\"", ".override.channel",
                "an input: a switch"},
           Slip{"\"stop\": {\"channel\": \"lid\"", "\"stop\": {\"channel\": \"pump\"", "stop.channel",
                "an input: a stop button"},
           Slip{"\"stop\": {\"channel\": \"lid\"", "\"stop\": {\"chanel\": \"lid\"", "stop.chanel",
                "one of channel, is, below, above"},
       })
    expect_told(kOutputs, slip);
}

TEST(DeviceFileOutput, HasRoomForSoManyBatonsOnly) {
  std::ostringstream parts;
  for (int i = 0; i < 9; ++i)
    parts << (i > 0 ? "," : "") << R"({"kind":"relay","line":"l)" << i
          << R"(","channels":{"state":{"path":"o)" << i << R"(","safe":false,"baton":"b)" << i << R"("}}})";
  DeviceFileBench bench{16, 16};
  const auto mistake = bench.read(R"({"device":{"id":"a"},"parts":[)" + parts.str() + "]}");
  ASSERT_TRUE(mistake.has_value());
  EXPECT_EQ(mistake->found.view(), "one baton more");
}

}  // namespace
}  // namespace signalbox::device
