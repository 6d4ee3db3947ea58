#include "device/device_file_channel.hpp"

#include "firmware/device/device_file_bench.hpp"

namespace signalbox::device {
namespace {

TEST(DeviceFileChannel, TakesWhatIsDeclared) {
  DeviceFileBench bench;
  ASSERT_FALSE(bench.read(kRightFile).has_value());
  const Channel& air = bench.channel("cabin/temperature");
  EXPECT_EQ(air.title.view(), "Air");
  EXPECT_EQ(air.kind, ValueKind::number);
  EXPECT_EQ(air.unit.view(), "Cel");
  EXPECT_EQ(air.min, -20.0);
  EXPECT_EQ(air.max, 60.0);
  EXPECT_EQ(air.stale_after, from_ms(3000));
  EXPECT_FALSE(air.is_output());
  const Channel& heater = bench.channel("cabin/heater");
  ASSERT_TRUE(heater.is_output());
  EXPECT_EQ(heater.output->initial, Value{true});
  EXPECT_EQ(heater.output->safe, Value{false});
  EXPECT_EQ(heater.output->command_deadline, from_ms(2500));
  const Channel& fan = bench.channel("cabin/fan");
  EXPECT_EQ(fan.output->initial, Value{20.0});
  EXPECT_EQ(fan.output->safe, Value{10.0});
  EXPECT_FALSE(fan.output->feedback.has_value());
  const Channel& mode = bench.channel("sign/mode");
  EXPECT_EQ(mode.labels_count, 3);
  EXPECT_EQ(mode.labels[2].view(), "fast");
  EXPECT_EQ(mode.output->initial, (Value{EnumIndex{1}}));
}

TEST(DeviceFileChannel, FallsBackToWhatTheHardwareIs) {
  DeviceFileBench bench;
  ASSERT_FALSE(bench
                   .read(R"({"device": {"id": "a"}, "parts": [
                     {"kind": "tmp102", "bus": 1, "channels": {"temperature": {"path": "t"}}},
                     {"kind": "tmp102", "bus": 1, "address": 73, "channels": {"temperature": {"path": "f",
                       "unit": "[degF]", "calibration": {"scale": -2, "offset": 32}}}},
                     {"kind": "relay", "line": "x", "channels": {"state": {"path": "r", "safe": true}}},
                     {"kind": "pwmFan", "output": "y", "channels": {"duty": {"path": "y", "safe": 0}}}]})")
                   .has_value());
  EXPECT_EQ(bench.channel("t").unit.view(), "Cel");
  EXPECT_EQ(bench.channel("t").min, -55.0);
  EXPECT_EQ(bench.channel("t").max, 128.0);
  EXPECT_EQ(bench.channel("f").min, -224.0);  // a negative scale turns the range around
  EXPECT_EQ(bench.channel("f").max, 142.0);
  EXPECT_EQ(bench.channel("r").output->initial, Value{true});
  EXPECT_EQ(bench.channel("r").output->command_deadline, from_ms(2000));
  EXPECT_EQ(bench.channel("y").output->command_deadline, from_ms(5000));
}

TEST(DeviceFileChannel, TakesAnotherUnitWithoutCalibration) {
  DeviceFileBench bench;
  EXPECT_FALSE(bench.read(edited("\"Cel\"", "\"K\"")).has_value());
  EXPECT_EQ(bench.channel("cabin/temperature").unit.view(), "K");
}

TEST(DeviceFileChannel, TellsEveryMistake) {
  const std::string place = "parts[0].channels.temperature";
  const std::string path = place + ".path";
  const std::string range = place + ".range";
  const std::string_view path_words = "a path: levels of letters, digits, _ and - joined by /";
  const std::string_view range_words = "two numbers in brackets, the lower first, such as [-20, 60]";
  for (const Edit& edit : std::vector<Edit>{
           {"\"path\": \"cabin/temperature\",\n", "", 7, path, "nothing", path_words},
           {"\"cabin/temperature\"", "\"cabin//temperature\"", 8, path, "\"cabin//temperature\"", path_words},
           {"\"cabin/temperature\"", "\"cabin/+\"", 8, path, "\"cabin/+\"", path_words},
           {"\"cabin/temperature\"", "\"\"", 8, path, "\"\"", "a text: a path"},
           {"\"cabin/temperature\"", "null", 8, path, "null", "a text: a path"},
           {"\"cabin/temperature\"", "\"cabin/a23456789012345678901234567890123456789012\"", 8, path,
            "a text of 48 bytes", "at most 47: a path"},
           {"\"title\": \"Air\"", "\"title\": []", 9, "parts[0].channels.temperature.title", "an empty list",
            "a text: the channel's title"},
           {"\"unit\": \"Cel\"", "\"units\": \"Cel\"", 10, "parts[0].channels.temperature.units",
            "an unknown member",
            "one of path, title, staleMs, alarms, unit, range, calibration (did you mean unit?)"},
           {"\"unit\": \"Cel\"", "\"unit\": \"degrees Celsius!\"", 10, "parts[0].channels.temperature.unit",
            "a text of 16 bytes", "at most 15: a UCUM unit"},
           {"[-20, 60]", "[-20]", 11, range, "a list of 1", range_words},
           {"[-20, 60]", "60", 11, range, "60", range_words},
           {"[-20, 60]", "[60, -20]", 11, range, "[60, -20]", range_words},
           {"[-20, 60]", "[60, 60]", 11, range, "[60, 60]", range_words},
           {"[-20, 60]", "[-20,\n\"60\"]", 12, "parts[0].channels.temperature.range[1]", "\"60\"",
            "a number"},
           {"[-20, 60]", "[null, 60]", 11, "parts[0].channels.temperature.range[0]", "null", "a number"},
           {"[-20, 60]", "[-60, 60]", 11, range, "[-60, 60]",
            "a range within [-55, 128]: more the hardware cannot do, calibrated with scale 1 and offset 0"},
           {"[-20, 60]", "[-20, 1e999]", 11, range, "[-20, inf]", "a range within [-55, 128]"},
           {"\"scale\": 1,", "\"scale\": 0.1,", 11, range, "[-20, 60]", "a range within [-5.5, 12.8]"},
           {"\"scale\": 1,", "\"scale\": 0,", 12, "parts[0].channels.temperature.calibration.scale", "0",
            "a number other than 0"},
           {"\"scale\": 1,", "\"factor\": 1,", 12, "parts[0].channels.temperature.calibration.factor",
            "an unknown member", "one of scale, offset"},
           {"\"offset\": 0}", "\"offset\": \"0\"}", 12, "parts[0].channels.temperature.calibration.offset",
            "\"0\"", "a number from -1e+12 to 1e+12"},
           {"{\"scale\": 1, \"offset\": 0}", "2", 12, "parts[0].channels.temperature.calibration", "2",
            "an object in braces"},
           {"\"staleMs\": 3000", "\"staleMs\": 0", 13, "parts[0].channels.temperature.staleMs", "0",
            "a whole number from 1 to 86400000"},
           {"\"staleMs\": 3000", "\"safe\": 20", 13, "parts[0].channels.temperature.safe",
            "a safety member on an input", "it on outputs only; this channel is measured"},
           {"\"path\": \"cabin/sense\"", "\"feedback\": {}, \"path\": \"cabin/sense\"", 29,
            "parts[2].channels.state.feedback", "a safety member on an input", "it on outputs only"},
           {"\"path\": \"cabin/sense\"", "\"unit\": \"V\", \"path\": \"cabin/sense\"", 29,
            "parts[2].channels.state.unit", "a member for numbers",
            "it on channels of numbers only; this one is boolean"},
           {"\"path\": \"cabin/sense\"", "\"labels\": [], \"path\": \"cabin/sense\"", 29,
            "parts[2].channels.state.labels", "a member for enums",
            "it on enum channels only; this one is boolean"},
           {"{\n       \"path\": \"cabin/sense\"}", "\"cabin/sense\"", 28, "parts[2].channels.state",
            "\"cabin/sense\"", "an object in braces with the channel's path"},
       })
    expect_told(edit);
}

TEST(DeviceFileChannel, TellsEveryMistakeOfAnOutput) {
  const std::string heater = "parts[1].channels.state";
  const std::string fan = "parts[3].channels.duty";
  for (const Edit& edit : std::vector<Edit>{
           {"\"safe\": false,\n", "", 16, heater + ".safe", "nothing",
            "the value the output takes when the device stops or loses its holder"},
           {"\"safe\": false", "\"safe\": 0", 19, heater + ".safe", "0", "true or false"},
           {"\"initial\": true", "\"initial\": \"on\"", 18, heater + ".initial", "\"on\"", "true or false"},
           {"\"initial\": 20", "\"initial\": 95", 34, fan + ".initial", "95",
            "a number from 10 to 90 (the channel's range)"},
           {"\"safe\": 10", "\"safe\": 0", 35, fan + ".safe", "0",
            "a number from 10 to 90 (the channel's range)"},
           {"\"safe\": 10", "\"safe\": true", 35, fan + ".safe", "true", "a number from 10 to 90"},
           {"[10, 90]", "[10, 110]", 33, fan + ".range", "[10, 110]", "a range within [0, 100]"},
           {"\"deadlineMs\": 2500", "\"deadlineMs\": -1", 20, heater + ".deadlineMs", "-1",
            "a whole number from 1 to 60000 (how long a command that names no deadline may wait)"},
           {"\"initial\": \"slow\"", "\"initial\": \"slwo\"", 39, "parts[4].channels.mode.initial",
            "\"slwo\"", "one of off, slow, fast (did you mean slow?)"},
           {"\"safe\": \"off\"", "\"safe\": 0", 39, "parts[4].channels.mode.safe", "0",
            "one of off, slow, fast"},
           {"\"labels\": [\"off\", \"slow\", \"fast\"],", "", 38, "parts[4].channels.mode.labels", "nothing",
            "a list of 2 to 8 texts"},
           {"[\"off\", \"slow\", \"fast\"]", "[\"off\"]", 38, "parts[4].channels.mode.labels", "a list of 1",
            "a list of 2 to 8 texts"},
           {"[\"off\", \"slow\", \"fast\"]", "[\"off\", \"off\"]", 38, "parts[4].channels.mode.labels[1]",
            "\"off\"", "a list of 2 to 8 texts, the enum's labels, each of at most 15 bytes and only once"},
           {"[\"off\", \"slow\", \"fast\"]", "[\"off\", 1]", 38, "parts[4].channels.mode.labels[1]", "1",
            "a list of 2 to 8 texts"},
       })
    expect_told(edit);
}

TEST(DeviceFileChannel, TellsEveryMistakeOfAFeedback) {
  const std::string place = "parts[1].channels.state.feedback";
  const std::string_view words = "the path of a channel that measures what the output does";
  for (const Edit& edit : std::vector<Edit>{
           {"\"channel\": \"cabin/sense\",", "", 21, place + ".channel", "nothing", words},
           {"\"channel\": \"cabin/sense\"", "\"channel\": \"cabin/sens\"", 22, place + ".channel",
            "\"cabin/sens\", which no part declares", words},
           {"\"channel\": \"cabin/sense\"", "\"channel\": \"cabin/heater\"", 22, place + ".channel",
            "\"cabin/heater\", an output", words},
           {"\"channel\": \"cabin/sense\"", "\"channel\": \"cabin/fan\"", 22, place + ".channel",
            "\"cabin/fan\", an output", words},
           {"\"channel\": \"cabin/sense\"", "\"channel\": \"sign/text\"", 22, place + ".channel",
            "\"sign/text\", whose kind is text", "a channel that can be compared with a boolean"},
           {"\"channel\": \"cabin/sense\"", "\"channel\": 3", 22, place + ".channel", "3",
            "a text: the path"},
           {"\"scale\": 2", "\"scale\": false", 23, place + ".scale", "false",
            "a number from -1e+12 to 1e+12"},
           {"\"tolerance\": 0.5", "\"tolerance\": -0.5", 25, place + ".tolerance", "-0.5",
            "a number from 0 to 1e+12"},
           {"\"verifyMs\": 800", "\"verifyMs\": 0", 26, place + ".verifyMs", "0",
            "a whole number from 1 to 86400000 (how long after `applied` it may take)"},
           {"\"verifyMs\": 800", "\"withinMs\": 800", 26, place + ".withinMs", "an unknown member",
            "one of channel, scale, offset, tolerance, verifyMs"},
       })
    expect_told(edit);
}

}  // namespace
}  // namespace signalbox::device
