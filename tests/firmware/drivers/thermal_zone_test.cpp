#include "drivers/thermal_zone.hpp"

#include <gtest/gtest.h>

#include "firmware/drivers/fake_machine.hpp"
#include "firmware/drivers/part_bench.hpp"

namespace signalbox::drivers {
namespace {

TEST(ThermalZone, ReadsTheZoneItWasGiven) {
  FakeMachine machine;
  machine.temperature_now = 51.5;
  PartBench bench{&machine};
  ASSERT_EQ(bench.start(kThermalZone, {{"zone", device::Text{"cpu-thermal"}}}), "");
  bench.run(from_ms(1));
  ASSERT_EQ(bench.told.size(), 1U);
  EXPECT_EQ(bench.number(0), 51.5);
  EXPECT_EQ(machine.zone_asked.view(), "cpu-thermal");
}

TEST(ThermalZone, TakesAnyWhereNoneIsNamed) {
  FakeMachine machine;
  PartBench bench{&machine};
  ASSERT_EQ(bench.start(kThermalZone, {}), "");
  bench.run(from_ms(1));
  EXPECT_EQ(machine.zone_asked.view(), "any");
}

TEST(ThermalZone, TellsThatThereIsNone) {
  FakeMachine machine;
  PartBench bench{&machine};
  ASSERT_EQ(bench.start(kThermalZone, {}), "");
  bench.run(from_ms(1));
  ASSERT_EQ(bench.told.size(), 1U);
  EXPECT_EQ(bench.told[0].why, "no such thermal zone");
}

TEST(ThermalZone, NeedsAMachineToRead) {
  PartBench bench;
  EXPECT_EQ(bench.start(kThermalZone, {}, false, {}), "this board offers no readings of its machine");
}

}  // namespace
}  // namespace signalbox::drivers
