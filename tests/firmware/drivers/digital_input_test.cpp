#include "drivers/digital_input.hpp"

#include <gtest/gtest.h>

#include "firmware/drivers/part_bench.hpp"

namespace signalbox::drivers {
namespace {

using device::Text;

TEST(DigitalInput, FollowsTheDoor) {
  PartBench bench;
  bench.world.hold_door(false);
  ASSERT_EQ(bench.start(kDigitalInput, {{"line", Text{"door"}}, {"periodMs", 100.0}}), "");
  bench.run(from_ms(1000));
  ASSERT_EQ(bench.told.size(), 10U);
  EXPECT_FALSE(bench.boolean(9));
  bench.world.hold_door(true);
  bench.run(from_ms(300));
  EXPECT_TRUE(std::get<bool>(*bench.told.back().value));
}

TEST(DigitalInput, TurnsAnActiveLowLineAround) {
  PartBench bench;
  bench.world.hold_door(false);
  ASSERT_EQ(bench.start(kDigitalInput, {{"line", Text{"door"}}, {"activeLow", true}}), "");
  bench.run(from_ms(50));
  EXPECT_TRUE(bench.boolean(0));
}

TEST(DigitalInput, TellsALineThatFailsAndComesBack) {
  PartBench bench;
  bench.faults.add({sim::FaultKind::fails, "door", Instant{}, Instant{from_ms(400)}});
  ASSERT_EQ(bench.start(kDigitalInput, {{"line", Text{"door"}}, {"periodMs", 100.0}}), "");
  bench.run(from_ms(300));
  ASSERT_EQ(bench.told.size(), 2U);
  EXPECT_EQ(bench.told[0].why, "line not readable");
  bench.run(from_ms(2000));
  EXPECT_TRUE(bench.told.back().value.has_value());
}

TEST(DigitalInput, NeedsAnInputLine) {
  PartBench bench;
  EXPECT_EQ(bench.start(kDigitalInput, {{"line", Text{"window"}}}),
            "no free input line \"window\" on this board");
  EXPECT_EQ(bench.start(kDigitalInput, {{"line", Text{"heater"}}}),
            "no free input line \"heater\" on this board");
}

}  // namespace
}  // namespace signalbox::drivers
