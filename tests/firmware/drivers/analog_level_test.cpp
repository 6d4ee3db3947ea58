#include "drivers/analog_level.hpp"

#include <gtest/gtest.h>

#include "firmware/drivers/part_bench.hpp"

namespace signalbox::drivers {
namespace {

using device::Text;

TEST(AnalogLevel, ReadsVolts) {
  PartBench bench;
  ASSERT_EQ(bench.start(kAnalogLevel, {{"input", Text{"tank"}}, {"periodMs", 1000.0}}), "");
  bench.run(from_ms(60'500));
  ASSERT_EQ(bench.told.size(), 61U);
  EXPECT_NEAR(bench.number(60), bench.world.tank_fraction() * 5.0, 0.05);
  EXPECT_NE(bench.number(0), bench.number(60));
}

TEST(AnalogLevel, TellsAnInputThatFails) {
  PartBench bench;
  bench.faults.add({sim::FaultKind::fails, "tank", Instant{}});
  ASSERT_EQ(bench.start(kAnalogLevel, {{"input", Text{"tank"}}}), "");
  bench.run(from_ms(500));
  ASSERT_EQ(bench.told.size(), 1U);
  EXPECT_EQ(bench.told[0].why, "input not readable");
}

TEST(AnalogLevel, NeedsItsInput) {
  PartBench bench;
  EXPECT_EQ(bench.start(kAnalogLevel, {{"input", Text{"well"}}}),
            "no free analog input \"well\" on this board");
}

}  // namespace
}  // namespace signalbox::drivers
