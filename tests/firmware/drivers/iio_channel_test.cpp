#include "drivers/iio_channel.hpp"

#include <gtest/gtest.h>

#include "firmware/drivers/part_bench.hpp"

namespace signalbox::drivers {
namespace {

using device::Text;

TEST(IioChannel, ReadsVolts) {
  PartBench bench;
  ASSERT_EQ(bench.start(kIioChannel, {{"device", Text{"mcp3208"}}, {"channel", Text{"in_voltage0"}}}), "");
  bench.run(from_ms(60'500));
  ASSERT_EQ(bench.told.size(), 61U);
  EXPECT_NEAR(bench.number(60), bench.world.tank_fraction() * 3.3, 0.05);
  EXPECT_NE(bench.number(0), bench.number(60));
}

TEST(IioChannel, TellsADeviceThatIsNotThere) {
  PartBench bench;
  bench.faults.add({sim::FaultKind::silent, "mcp3208", Instant{}});
  ASSERT_EQ(bench.start(kIioChannel, {{"device", Text{"mcp3208"}}, {"channel", Text{"in_voltage0"}}}), "");
  bench.run(from_ms(500));
  ASSERT_EQ(bench.told.size(), 1U);
  EXPECT_EQ(bench.told[0].why, "not there");
}

TEST(IioChannel, RefusesAChannelThatThereIsNot) {
  PartBench bench;
  EXPECT_EQ(bench.start(kIioChannel, {{"device", Text{"mcp3208"}}, {"channel", Text{"voltage0"}}}),
            "no source mcp3208 voltage0; expected a channel such as in_voltage0");
}

}  // namespace
}  // namespace signalbox::drivers
