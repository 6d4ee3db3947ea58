#include "device/device_file_part.hpp"

#include "firmware/device/device_file_bench.hpp"

namespace signalbox::device {
namespace {

TEST(DeviceFilePart, FillsInSettingsAndFallbacks) {
  DeviceFileBench bench;
  ASSERT_FALSE(bench.read(kRightFile).has_value());
  const Part& air = bench.roster.parts()[0];
  EXPECT_EQ(air.name.view(), "air");
  EXPECT_EQ(air.kind->name, "tmp102");
  EXPECT_EQ(air.settings.number(0), 1.0);
  EXPECT_EQ(air.settings.number(1), 73.0);
  EXPECT_EQ(air.settings.period(2), from_ms(500));
  const Part& relay = bench.roster.parts()[1];
  EXPECT_EQ(relay.name.view(), "relay");  // its kind, where it has no name
  EXPECT_EQ(relay.settings.text(0), "heater");
  EXPECT_TRUE(relay.settings.boolean(1));
  EXPECT_EQ(relay.settings.period(2), from_ms(1000));
  EXPECT_FALSE(bench.roster.parts()[2].settings.boolean(1));
}

TEST(DeviceFilePart, TiesPortsToChannels) {
  DeviceFileBench bench;
  ASSERT_FALSE(bench.read(kRightFile).has_value());
  const Part& sign = bench.roster.parts()[4];
  EXPECT_EQ(sign.channels[0], bench.roster.find("sign/mode"));
  EXPECT_EQ(sign.channels[1], bench.roster.find("sign/text"));
  EXPECT_EQ(sign.channels[2], kNoChannel);
  EXPECT_EQ(bench.channel("sign/text").part, 4);
  EXPECT_EQ(bench.channel("sign/text").port, 1);
}

TEST(DeviceFilePart, NeedsNotUseEveryPort) {
  DeviceFileBench bench;
  ASSERT_FALSE(bench
                   .read(R"({"device": {"id": "a"}, "parts": [
                     {"kind": "hostMemory", "channels": {"available": {"path": "free"}}}]})")
                   .has_value());
  EXPECT_EQ(bench.roster.parts()[0].channels[0], kNoChannel);
  EXPECT_EQ(bench.roster.parts()[0].channels[1], 0);
}

TEST(DeviceFilePart, TellsEveryMistake) {
  for (const Edit& edit : std::vector<Edit>{
           {"\"kind\": \"tmp102\", ", "", 4, "parts[0].kind", "nothing", "one of ads1115, analogLevel, "},
           {"\"tmp102\"", "\"tmp120\"", 4, "parts[0].kind", "\"tmp120\"",
            "one of ads1115, analogLevel, bme280, canSignal, digitalInput, ds18b20, hostLoad, hostMemory, "
            "hostTraffic, "
            "hostUptime, hwmon, iioChannel, ina219, lm75, mcp3008, pulseCounter, pwmFan, relay, serialText, "
            "servo, "
            "thermalZone, tmp102, sign (did you mean tmp102?)"},
           {"\"tmp102\"", "102", 4, "parts[0].kind", "102", "one of ads1115"},
           {"\"name\": \"air\"", "\"name\": 1", 4, "parts[0].name", "1", "a text: the part's name"},
           {"\"name\": \"air\"", "\"label\": \"air\"", 4, "parts[0].label", "an unknown member",
            "one of kind, name, channels, bus, address, periodMs"},
           {"\"periodMs\": 500", "\"period\": 500", 5, "parts[0].period", "an unknown member",
            "one of kind, name, channels, bus, address, periodMs (did you mean periodMs?)"},
           {"\"bus\": 1, ", "", 4, "parts[0].bus", "nothing",
            "a whole number from 0 to 15 (number of the I2C bus)"},
           {"\"bus\": 1", "\"bus\": \"1\"", 4, "parts[0].bus", "\"1\"", "a whole number from 0 to 15"},
           {"\"address\": 73", "\"address\": 72.5", 4, "parts[0].address", "72.5",
            "a whole number from 72 to 75 (72 to 75, by its ADD0 pin)"},
           {"\"address\": 73", "\"address\": 71", 4, "parts[0].address", "71",
            "a whole number from 72 to 75"},
           {"\"tmp102\", \"bus\": 1, \"address\": 73", "\"bme280\", \"bus\": 1, \"oversampling\": 3", 4,
            "parts[0].oversampling", "3", "one of 1, 2, 4, 8, 16 (measurements that make a reading)"},
           {"\"periodMs\": 500", "\"periodMs\": 5", 5, "parts[0].periodMs", "5",
            "a whole number from 10 to 3600000 (time between two readings, in ms)"},
           {"\"bus\": 1", "\"bus\": 1, \"bus\": 2", 4, "parts[0].bus", "this member a second time",
            "it once only"},
           {"\"line\": \"heater\", ", "", 14, "parts[1].line", "nothing", "the board's name for the line"},
           {"\"line\": \"heater\"", "\"line\": \"\"", 14, "parts[1].line", "\"\"",
            "a text: the board's name for the line"},
           {"\"line\": \"heater\"", "\"line\": \"h2345678901234567890123456789012\"", 14, "parts[1].line",
            "a text of 32 bytes", "at most 31: the board's name for the line"},
           {"\"activeLow\": true", "\"activeLow\": 1", 14, "parts[1].activeLow", "1", "true or false"},
           {"\"temperature\": {", "\"temp\": {", 7, "parts[0].channels.temp", "an unknown member",
            "temperature"},
           {"\"text\": {", "\"mode\": {", 40, "parts[4].channels.mode", "this member a second time",
            "it once only (the first is in line 38)"},
           {"\"channels\": {\"state\": {\n       \"path\": \"cabin/sense\"}}", "\"channels\": {}", 28,
            "parts[2].channels", "an empty object", "an object with state"},
           {",\n     \"channels\": {\"state\": {\n       \"path\": \"cabin/sense\"}}", "", 27,
            "parts[2].channels", "nothing", "an object with state"},
           {"\"channels\": {\"state\": {\n       \"path\": \"cabin/sense\"}}", "\"channels\": []", 28,
            "parts[2].channels", "an empty list", "an object in braces"},
           {"{\"kind\": \"sign\"", "7, {\"kind\": \"sign\"", 36, "parts[4]", "7",
            "a part: an object in braces"},
           {"\"path\": \"cabin/fan\"", "\"path\": \"cabin/temperature\"", 32, "parts[3].channels.duty.path",
            "\"cabin/temperature\"", "a path of its own (the part air has this one)"},
           {"\"staleMs\": 3000", "\"staleMs\": 500", 13, "parts[0].channels.temperature.staleMs", "500",
            "more than the part's periodMs, which is 500"},
       })
    expect_told(edit);
}

TEST(DeviceFilePart, APortThatNeedsASettingIsRefusedWithoutIt) {
  const auto told = [](std::string_view more) {
    DeviceFileBench bench;
    const auto mistake =
        bench.read("{\"device\": {\"id\": \"a\"}, \"parts\": [{\"kind\": \"pwmFan\", \"output\": \"fan\"" +
                   std::string{more} + ", \"channels\": {\"speed\": {\"path\": \"a\"}}}]}");
    return mistake ? std::string{mistake->text().view()} : std::string{};
  };
  EXPECT_EQ(told(""),
            "line 1, parts[0].channels.speed: found an object; expected no such channel, or a part with "
            "the setting tachometer");
  EXPECT_EQ(told(R"(, "tachometer": "t")"), "");
}

TEST(DeviceFilePart, TellsTextsThatHaveNotTheirForm) {
  const auto told = [](std::string_view part) {
    DeviceFileBench bench;
    const auto mistake = bench.read("{\"device\": {\"id\": \"a\"}, \"parts\": [{" + std::string{part} +
                                    ", \"channels\": {\"value\": {\"path\": \"a\"}}}]}");
    return mistake ? std::string{mistake->text().view()} : std::string{};
  };
  EXPECT_EQ(told(R"("kind": "hwmon", "chip": "lm75", "input": "heat1")"),
            "line 1, parts[0].input: found \"heat1\"; expected a text: temp, in, curr, fan, power, humidity, "
            "energy or freq, and its number");
  EXPECT_EQ(told(R"("kind": "hwmon", "chip": "lm75", "input": "temp1")"), "");
  EXPECT_EQ(
      told(R"("kind": "digitalInput", "line": "x", "bias": "up")"),
      "line 1, parts[0].bias: found \"up\"; expected a text: none, pullUp or pullDown; left out: as it is");
  EXPECT_EQ(
      told(R"("kind": "iioChannel", "device": "adc", "channel": "../x")"),
      "line 1, parts[0].channel: found \"../x\"; expected a text: such as in_voltage0, in_temp, in_pressure");
  EXPECT_EQ(
      told(R"("kind": "ds18b20", "id": "28-1")"),
      "line 1, parts[0].id: found \"28-1\"; expected a text: 28- and 12 hexadecimal digits; left out or "
      "any: the first one");
}

TEST(DeviceFilePart, ASignalOnCanLiesWithinAFrame) {
  const auto told = [](std::string_view settings) {
    DeviceFileBench bench;
    const auto mistake =
        bench.read(R"({"device": {"id": "a"}, "parts": [{"kind": "canSignal", "interface": "can0",)" +
                   std::string{settings} + R"(, "channels": {"value": {"path": "p"}}}]})");
    return mistake ? std::string{mistake->text().view()} : std::string{};
  };
  EXPECT_EQ(told(R"("id": "0x123", "startBit": 0, "bits": 64)"), "");
  EXPECT_EQ(told(R"("id": "0x123", "startBit": 63, "bits": 1, "byteOrder": "intel", "signed": true)"), "");
  EXPECT_EQ(told(R"("id": "2566844672", "startBit": 7, "bits": 64, "byteOrder": "motorola")"), "");
  EXPECT_EQ(told(R"("id": "0x123", "startBit": 60, "bits": 5)"),
            "line 1, parts[0].bits: found 5; expected at most 4 from bit 60 on (intel): a frame has 64");
  EXPECT_EQ(told(R"("id": "0x123", "startBit": 0, "bits": 64, "byteOrder": "motorola")"),
            "line 1, parts[0].bits: found 64; expected at most 57 from bit 0 on (motorola): a frame has 64");
  EXPECT_EQ(told(R"("id": "0x123", "startBit": 56, "bits": 2, "byteOrder": "motorola")"),
            "line 1, parts[0].bits: found 2; expected at most 1 from bit 56 on (motorola): a frame has 64");
  EXPECT_EQ(
      told(R"("id": "0x123", "startBit": 0, "bits": 65)"),
      "line 1, parts[0].bits: found 65; expected a whole number from 1 to 64 (how many bits the signal has)");
  EXPECT_EQ(
      told(R"("id": "0x123", "startBit": 64, "bits": 1)"),
      "line 1, parts[0].startBit: found 64; expected a whole number from 0 to 63 (as DBC files count: intel: "
      "of the lowest bit; motorola: of the highest)");
  EXPECT_EQ(told(R"("id": "0x123", "startBit": 0, "bits": 8, "byteOrder": "big")"),
            "line 1, parts[0].byteOrder: found \"big\"; expected a text: \"intel\" (lowest byte first; left "
            "out: this) "
            "or \"motorola\" (highest first)");
  EXPECT_EQ(told(R"("id": "0x20000000", "startBit": 0, "bits": 8)"),
            "line 1, parts[0].id: found \"0x20000000\"; expected a text: a frame's identifier: \"0x123\" or "
            "\"291\"; "
            "of 29 bits \"0x00000123\" or \"0x18FEF100\"");
  EXPECT_EQ(told(R"("id": 291, "startBit": 0, "bits": 8)").substr(0, 48),
            "line 1, parts[0].id: found 291; expected a text:");
}

TEST(DeviceFilePart, GivesSlowPartsTimeBeforeTheyAreStale) {
  DeviceFileBench bench;
  ASSERT_FALSE(bench
                   .read(R"({"device": {"id": "a"}, "parts": [
                     {"kind": "hostLoad", "periodMs": 60000, "channels": {"load": {"path": "slow"}}},
                     {"kind": "hostLoad", "periodMs": 100, "channels": {"load": {"path": "quick"}}}]})")
                   .has_value());
  EXPECT_EQ(bench.channel("slow").stale_after, from_ms(180'000));
  EXPECT_EQ(bench.channel("quick").stale_after, from_ms(10'000));
}

TEST(DeviceFilePart, TellsWhatTheBoardHasNoRoomFor) {
  DeviceFileBench few_parts{4, 8};
  EXPECT_EQ(few_parts.read(kRightFile)->text().view(),
            "line 36, parts[4]: found one part more; expected at most 4 parts on this board");
  DeviceFileBench few_channels{8, 5};
  EXPECT_EQ(
      few_channels.read(kRightFile)->text().view(),
      "line 40, parts[4].channels.text: found one channel more; expected at most 5 channels on this board");
}

}  // namespace
}  // namespace signalbox::device
