#include "drivers/hwmon.hpp"

#include <gtest/gtest.h>

#include "firmware/drivers/part_bench.hpp"

namespace signalbox::drivers {
namespace {

using device::Text;

TEST(Hwmon, ReadsTheInputThatItWasGiven) {
  PartBench bench;
  ASSERT_EQ(bench.start(kHwmon, {{"chip", Text{"lm75"}}, {"input", Text{"temp1"}}}), "");
  bench.run(from_ms(10'500));
  ASSERT_EQ(bench.told.size(), 11U);
  EXPECT_NEAR(bench.number(10), bench.world.ambient_celsius(), 0.5);
}

TEST(Hwmon, TellsAChipThatIsNotThereAndOneThatComesBack) {
  PartBench bench;
  bench.faults.add({sim::FaultKind::silent, "lm75", Instant{}, Instant{from_ms(900)}});
  ASSERT_EQ(bench.start(kHwmon, {{"chip", Text{"lm75"}}, {"input", Text{"temp1"}}, {"periodMs", 500.0}}), "");
  bench.run(from_ms(5'000));
  ASSERT_GE(bench.told.size(), 2U);
  EXPECT_EQ(bench.told[0].why, "not there");
  EXPECT_TRUE(bench.told.back().value.has_value());
}

TEST(Hwmon, TellsAnInputThatCannotBeRead) {
  PartBench bench;
  bench.faults.add({sim::FaultKind::fails, "lm75", Instant{}});
  ASSERT_EQ(bench.start(kHwmon, {{"chip", Text{"lm75"}}, {"input", Text{"temp1"}}}), "");
  bench.run(from_ms(500));
  ASSERT_EQ(bench.told.size(), 1U);
  EXPECT_EQ(bench.told[0].why, "not readable");
}

TEST(Hwmon, GivesUpWhatDoesNotBeginInTime) {
  PartBench bench;
  bench.faults.add({sim::FaultKind::hung, "lm75", Instant{}});
  ASSERT_EQ(bench.start(kHwmon, {{"chip", Text{"lm75"}}, {"input", Text{"temp1"}}}), "");
  bench.run(from_ms(9'000));
  EXPECT_FALSE(bench.part().is_quiet());
  bench.run(from_ms(2'000));
  ASSERT_EQ(bench.told.size(), 1U);
  EXPECT_EQ(bench.told[0].why, "not read in time");
}

TEST(Hwmon, RefusesAnInputThatNoChipHas) {
  PartBench bench;
  EXPECT_EQ(bench.start(kHwmon, {{"chip", Text{"lm75"}}, {"input", Text{"heat1"}}}),
            "no source lm75 heat1; expected an input such as temp1, in0, fan1");
}

TEST(Hwmon, NeedsABoardWithSensors) {
  PartBench bench;
  EXPECT_EQ(bench.start(kHwmon, {{"chip", Text{"lm75"}}, {"input", Text{"temp1"}}}, false, {}),
            "this board offers no sensors of its system");
}

}  // namespace
}  // namespace signalbox::drivers
