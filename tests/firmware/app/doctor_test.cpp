#include "app/doctor.hpp"

#include <array>
#include <gtest/gtest.h>
#include <string>

#include "boards/bench/device_file.hpp"
#include "device/device_file.hpp"
#include "drivers/catalogue.hpp"
#include "firmware/app/print.hpp"
#include "hal/linux/host.hpp"
#include "sim/hal/platform.hpp"

namespace signalbox::app {
namespace {

class DoctorTest : public testing::Test {
 protected:
  int examine(std::string_view device_file) {
    const auto mistake = device::read_device_file(device_file, drivers::catalogue(), roster);
    EXPECT_FALSE(mistake);
    Print said;
    const int code = app::examine(roster, platform.survey(), &host, said.file());
    text = said.text();
    return code;
  }
  bool says(std::string_view words) const { return text.find(words) != std::string::npos; }

  std::array<device::Channel, 32> channels{};
  std::array<device::Part, 16> parts{};
  device::Roster roster{channels, parts};
  sim::World world;
  sim::Faults faults;
  hal::kernel::Host host;
  sim::Platform platform{world, faults, host};
  std::string text;
};

TEST_F(DoctorTest, OnTheBenchEverythingIsThere) {
  const bool has_zone = host.temperature("any").has_value();  // of the machine that tests
  EXPECT_EQ(examine(boards::bench::device_file), has_zone ? 0 : 1) << text;
  EXPECT_TRUE(says("  there    heater: line heater\n")) << text;
  EXPECT_TRUE(says("  there    cabin air: I2C bus 1, address 72 (0x48)\n")) << text;
  EXPECT_TRUE(says(has_zone ? "\nall of it is there\n"
                            : "\n1 of 8 missing; the names of what there is stand above\n"))
      << text;
}

TEST_F(DoctorTest, WhatIsMissingIsToldWithWhatWouldHelp) {
  const int code = examine(R"({"device": {"id": "d"}, "parts": [
    {"kind": "relay", "name": "r", "line": "heater", "channels": {"state": {"path": "a", "safe": false}}},
    {"kind": "relay", "name": "s", "line": "haeter", "channels": {"state": {"path": "b", "safe": false}}},
    {"kind": "tmp102", "name": "t", "bus": 1, "address": 73, "channels": {"temperature": {"path": "c"}}},
    {"kind": "tmp102", "name": "u", "bus": 2, "channels": {"temperature": {"path": "d"}}},
    {"kind": "pwmFan", "name": "v", "output": "fam", "channels": {"duty": {"path": "f", "safe": 0}}},
    {"kind": "serialText", "name": "w", "port": "ttyUSB1", "channels": {"value": {"path": "g"}}},
    {"kind": "serialText", "name": "x", "port": "/dev/ttyUSB0", "channels": {"value": {"path": "h"}}},
    {"kind": "mcp3008", "name": "y", "bus": 0, "channels": {"in0": {"path": "i"}}},
    {"kind": "mcp3008", "name": "z", "bus": 0, "chipSelect": 1, "channels": {"in0": {"path": "j"}}},
    {"kind": "canSignal", "name": "c", "interface": "can0", "id": "0x123", "startBit": 0, "bits": 16,
     "channels": {"value": {"path": "k"}}},
    {"kind": "canSignal", "name": "can", "interface": "can1", "id": "0x123", "startBit": 0, "bits": 16,
     "channels": {"value": {"path": "l"}}},
    {"kind": "hostLoad", "channels": {"load": {"path": "e"}}}]})");
  EXPECT_EQ(code, 1);
  EXPECT_TRUE(says("  there    r: line heater\n")) << text;
  EXPECT_TRUE(says("  MISSING  s: line haeter: the bench has no line of that name\n")) << text;
  EXPECT_TRUE(says("  MISSING  t: I2C bus 1, address 73 (0x49): no chip answers there\n")) << text;
  EXPECT_TRUE(says("  MISSING  u: I2C bus 2, address 72 (0x48): the bench has bus 1 only\n")) << text;
  EXPECT_TRUE(says("  MISSING  v: PWM output fam: the bench has no PWM output of that name\n")) << text;
  EXPECT_TRUE(says("  MISSING  w: serial port ttyUSB1: the bench has no serial port of that name\n")) << text;
  EXPECT_TRUE(says("  there    x: serial port /dev/ttyUSB0\n")) << text;
  EXPECT_TRUE(says("  there    y: SPI bus 0, chip select 0\n")) << text;
  EXPECT_TRUE(says("  MISSING  z: SPI bus 0, chip select 1: the bench has no such chip select\n")) << text;
  EXPECT_TRUE(says("  there    c: CAN interface can0\n")) << text;
  EXPECT_TRUE(says("  MISSING  can: CAN interface can1: the bench has no CAN interface of that name\n"))
      << text;
  EXPECT_TRUE(says("  spidev0.0  simulated\n")) << text;
  EXPECT_TRUE(says("  can0  CAN interface, simulated\n")) << text;
  EXPECT_TRUE(says("\n7 of 11 missing")) << text;
}

TEST_F(DoctorTest, WhatEveryMachineHasCannotBeMissing) {
  EXPECT_EQ(
      examine(
          R"({"device": {"id": "d"}, "parts": [{"kind": "hostLoad", "channels": {"load": {"path": "e"}}}]})"),
      0);
  EXPECT_TRUE(says("The device file wants\n  nothing that could be missing\n")) << text;
}

TEST_F(DoctorTest, SensorsOfTheKernelAreLookedFor) {
  const bool has_zone = host.temperature("any").has_value();
  examine(R"({"device": {"id": "d"}, "parts": [
    {"kind": "hwmon", "name": "a", "chip": "lm75", "input": "temp1", "channels": {"value": {"path": "a"}}},
    {"kind": "hwmon", "name": "b", "chip": "lm75", "input": "temp2", "channels": {"value": {"path": "b"}}},
    {"kind": "iioChannel", "name": "c", "device": "mcp3208", "channel": "in_voltage0", "channels": {"value": {"path": "c"}}},
    {"kind": "iioChannel", "name": "d", "device": "bme280", "channel": "in_temp", "channels": {"value": {"path": "d"}}},
    {"kind": "ds18b20", "name": "e", "channels": {"temperature": {"path": "e"}}},
    {"kind": "ds18b20", "name": "f", "id": "28-00000000beef", "channels": {"temperature": {"path": "f"}}},
    {"kind": "thermalZone", "name": "g", "channels": {"temperature": {"path": "g"}}},
    {"kind": "thermalZone", "name": "h", "zone": "sun", "channels": {"temperature": {"path": "h"}}}]})");
  EXPECT_TRUE(says("  lm75 temp1  sensor, for hwmon\n")) << text;
  EXPECT_TRUE(says("  mcp3208 in_voltage0  sensor, for iioChannel\n")) << text;
  EXPECT_TRUE(says("  sensor, for ds18b20\n")) << text;
  EXPECT_TRUE(says("  there    a: sensor lm75 temp1\n")) << text;
  EXPECT_TRUE(says("  MISSING  b: sensor lm75 temp2: the bench has no sensor of that name\n")) << text;
  EXPECT_TRUE(says("  there    c: sensor mcp3208 in_voltage0\n")) << text;
  EXPECT_TRUE(says("  MISSING  d: sensor bme280 in_temp: the bench has no sensor of that name\n")) << text;
  EXPECT_TRUE(says("  there    e: sensor any\n")) << text;
  EXPECT_TRUE(says("  MISSING  f: sensor 28-00000000beef: the bench has no sensor of that name\n")) << text;
  EXPECT_EQ(says("  there    g: thermal zone any\n"), has_zone) << text;
  EXPECT_TRUE(
      says("  MISSING  h: thermal zone sun: there is none; most virtual machines have no zone at all\n"))
      << text;
}

TEST_F(DoctorTest, ATachometersLineIsLookedFor) {
  EXPECT_EQ(examine(R"({"device": {"id": "d"}, "parts": [
    {"kind": "pwmFan", "name": "f", "output": "fan", "tachometer": "fan-tachometer",
     "channels": {"speed": {"path": "a"}}},
    {"kind": "pwmFan", "name": "g", "output": "fan", "tachometer": "nowhere", "channels": {"speed": {"path": "b"}}},
    {"kind": "pulseCounter", "name": "p", "line": "heater-meter", "channels": {"count": {"path": "c"}}}]})"),
            1);
  EXPECT_TRUE(says("  there    f: line fan-tachometer\n")) << text;
  EXPECT_TRUE(says("  MISSING  g: line nowhere: the bench has no line of that name\n")) << text;
  EXPECT_TRUE(says("  there    p: line heater-meter\n")) << text;
}

TEST_F(DoctorTest, WhatSomebodyElseHasIsMissing) {
  ASSERT_NE(platform.ports().digital->claim_input("door"), hal::Digital::kNoLine);
  EXPECT_EQ(examine(R"({"device": {"id": "d"}, "parts": [
    {"kind": "digitalInput", "name": "d", "line": "door", "channels": {"state": {"path": "a"}}}]})"),
            1);
  EXPECT_TRUE(says("    door                  in use\n")) << text;
  EXPECT_TRUE(says("  MISSING  d: line door: in use\n")) << text;
}

}  // namespace
}  // namespace signalbox::app
