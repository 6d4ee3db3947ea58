#include "app/first_device_file.hpp"

#include <array>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>

#include "boards/bench/budget.hpp"
#include "device/device_file.hpp"
#include "drivers/catalogue.hpp"
#include "firmware/app/print.hpp"
#include "hal/linux/host.hpp"
#include "hal/linux/temporary_directory.hpp"
#include "sim/hal/platform.hpp"

namespace signalbox::app {
namespace {

using Subsystem = hal::AttributeSource::Subsystem;

class FirstDeviceFileTest : public testing::Test {
 protected:
  /// What it is, read as at a start.
  void load() {
    text = std::string{first.finish()};
    const auto mistake = device::read_device_file(text, drivers::catalogue(), roster);
    EXPECT_FALSE(mistake) << (mistake ? mistake->text().c_str() : "") << text;
  }
  bool says(std::string_view words) { return said.text().find(words) != std::string::npos; }
  bool has(std::string_view words) const { return text.find(words) != std::string::npos; }

  std::array<device::Channel, 64> channels{};
  std::array<device::Part, 32> parts{};
  device::Roster roster{channels, parts};
  Print said;
  FirstDeviceFile first{boards::bench::budget, drivers::catalogue(), said.file()};
  std::string text;
};

TEST_F(FirstDeviceFileTest, WithNothingFoundItHasTheMachineItself) {
  load();
  EXPECT_EQ(roster.parts().size(), 4U);
  EXPECT_EQ(first.parts(), 4U);
  EXPECT_EQ(roster.channels().size(), 6U);
}

TEST_F(FirstDeviceFileTest, TheBenchHasItsSensorsAndInputsAndNoOutput) {
  sim::World world;
  sim::Faults faults;
  hal::kernel::Host host;
  sim::Platform platform{world, faults, host};
  platform.survey().find(first);
  load();
  EXPECT_TRUE(has(R"("kind": "hwmon", "chip": "lm75", "input": "temp1")")) << text;
  EXPECT_TRUE(has(R"("path": "lm75/temp1", "unit": "Cel")")) << text;
  EXPECT_TRUE(has(R"("path": "mcp3208/in_voltage0", "unit": "V")")) << text;
  EXPECT_TRUE(has(R"("kind": "ds18b20", "id": "28-0123456789ab")")) << text;
  EXPECT_TRUE(has(R"("kind": "digitalInput", "line": "door")")) << text;
  EXPECT_FALSE(has("heater\"")) << "an output";
  EXPECT_TRUE(says("  left  line heater: ")) << said.text();
  EXPECT_TRUE(says("  left  i2c-1: its chips are not asked")) << said.text();
  EXPECT_TRUE(says(R"(tmp102 at 72 to 75: { "kind": "tmp102", "bus": 1, "address": 72, ... })"))
      << said.text();
  EXPECT_TRUE(says("  left  spidev0.0: what hangs on it, if anything, cannot be asked")) << said.text();
  EXPECT_TRUE(says(R"({ "kind": "mcp3008", "bus": 0, "chipSelect": 0, ... })")) << said.text();
  EXPECT_TRUE(says("  left  can0: which frames come there, and what they mean, cannot be asked"))
      << said.text();
  EXPECT_TRUE(
      says(R"({ "kind": "canSignal", "interface": "can0", "id": "0x123", "startBit": 0, "bits": 8, ... })"))
      << said.text();
  for (const device::Channel& channel : roster.channels()) EXPECT_FALSE(channel.is_output());
}

TEST_F(FirstDeviceFileTest, WhatItSaysALineCanBeIsAPart) {
  first.line("GPIO17", false);
  load();
  std::istringstream lines{said.text()};
  int kinds = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t at = line.find(R"({ "kind": ")");
    if (at == std::string::npos) continue;
    ++kinds;
    text = R"({"device": {"id": "a", "title": "A"}, "parts": [)" + line.substr(at) + "]}";
    device::Roster its{channels, parts};
    const auto mistake = device::read_device_file(text, drivers::catalogue(), its);
    EXPECT_FALSE(mistake) << (mistake ? mistake->text().c_str() : "") << text;
    EXPECT_TRUE(has(R"("line": "GPIO17")")) << text;
  }
  EXPECT_EQ(kinds, 3) << said.text();
}

TEST_F(FirstDeviceFileTest, EveryUnitIsOne) {
  for (const char* input : {"temp1", "in0", "curr1", "fan1", "power1", "humidity1", "energy1", "freq1"})
    first.sensor({Subsystem::hwmon, "chip", input});
  for (const char* channel : {"in_temp", "in_voltage0", "in_current0", "in_power0", "in_humidityrelative",
                              "in_pressure", "in_illuminance", "in_accel_x"})
    first.sensor({Subsystem::iio, "chip@1-0076", channel});
  first.thermal_zone("cpu-thermal");
  load();
  EXPECT_EQ(first.parts(), 4U + 17U) << said.text();
  EXPECT_TRUE(has(R"("path": "chip/fan1", "unit": "/min")")) << text;
  EXPECT_TRUE(has(R"("path": "chip-1-0076/in_accel_x" })")) << text;
  EXPECT_TRUE(has(R"("zone": "cpu-thermal")")) << text;
}

TEST_F(FirstDeviceFileTest, NamesThatNoFileCanHaveAreLeftOut) {
  for (const char* name : {"", "a\"b", "a\\b", "a\nb", "caf\xc3\xa9"}) first.line(name, true);
  first.line("[NC] pin 7", true);
  first.line("same", true);
  first.line("same", true);
  first.sensor({Subsystem::iio, "a-device-with-quite-a-long-name", "in_humidityrelative_filtered"});
  load();
  EXPECT_EQ(first.parts(), 6U) << said.text();
  EXPECT_TRUE(has(R"("line": "[NC] pin 7", "channels": { "state": { "path": "lines/-NC--pin-7" } })"))
      << text;
  EXPECT_TRUE(says("line same: another one has its name")) << said.text();
  EXPECT_TRUE(says("its name is too long for a channel's path")) << said.text();
}

TEST_F(FirstDeviceFileTest, BeyondTheBoardsPlacesThingsAreToldAndLeftOut) {
  for (int i = 0; i < 40; ++i)
    first.line(format_text<31>("a-line-with-a-name-of-31-bytes-%d", i).view(), true);
  for (int i = 0; i < 40; ++i) first.line(format_text<31>("%d-line-with-a-name-of-31-bytes", i).view(), true);
  load();
  EXPECT_EQ(first.parts(), boards::bench::budget.parts_max);
  EXPECT_TRUE(says("this board has no place for more parts")) << said.text();
}

TEST_F(FirstDeviceFileTest, AFileThatIsThereStays) {
  const hal::kernel::TemporaryDirectory folder;
  const std::string path = (folder.path() / "device.json").string();
  ASSERT_TRUE(FirstDeviceFile::write(path.c_str(), "first"));
  const Result<void> again = FirstDeviceFile::write(path.c_str(), "second");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().reason, Reason::conflict);
  EXPECT_NE(again.error().detail.view().find("there is a file already"), std::string_view::npos);
  std::stringstream kept;
  kept << std::ifstream{path}.rdbuf();
  EXPECT_EQ(kept.str(), "first");
  EXPECT_FALSE(FirstDeviceFile::write((folder.path() / "nowhere/device.json").c_str(), "third"));
}

}  // namespace
}  // namespace signalbox::app
