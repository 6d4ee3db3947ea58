#include "drivers/digital_input.hpp"

#include <gtest/gtest.h>

#include "firmware/drivers/counted_line.hpp"
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

TEST(DigitalInput, ShowsWhatCameAndWentBetweenTwoReadings) {
  PartBench bench;
  bench.world.hold_door(false);
  ASSERT_EQ(bench.start(kDigitalInput, {{"line", Text{"door"}}, {"periodMs", 1000.0}}), "");
  bench.run(from_ms(100));
  bench.world.hold_door(true);
  bench.run(from_ms(200));
  bench.world.hold_door(false);
  bench.run(from_ms(3000));
  ASSERT_EQ(bench.told.size(), 4U);
  EXPECT_FALSE(bench.boolean(0));
  EXPECT_TRUE(bench.boolean(1)) << "it was open for 200 ms";
  EXPECT_FALSE(bench.boolean(2));
  EXPECT_FALSE(bench.boolean(3));
}

/// An input whose readings the test makes.
class CountedInput : public testing::Test {
 protected:
  CountedInput() {
    line.edges.since = Instant{from_ms(1)};
    ports.digital = &line;
    EXPECT_EQ(
        bench.start(kDigitalInput, {{"line", Text{"x"}}, {"bias", Text{"pullDown"}}, {"debounceMs", 20.0}},
                    false, ports),
        "");
  }
  bool next(std::uint64_t edges, bool level) {
    line.edges.count += edges;
    line.level = level;
    bench.forget();
    bench.run(from_ms(bench.clock.now() == Instant{} ? 50 : 100));  // between two readings
    EXPECT_EQ(bench.told.size(), 1U);
    return bench.boolean(0);
  }

  PartBench bench;
  CountedLine line;
  hal::Platform::Ports ports = bench.platform().ports();
};

TEST_F(CountedInput, ClaimsItsLineAsItIsSetUp) {
  EXPECT_EQ(line.setup, (hal::InputSetup{hal::Bias::pull_down, from_ms(20), hal::Edges::both}));
}

TEST_F(CountedInput, MissesNoPressAndMakesNoneUp) {
  EXPECT_FALSE(next(0, false));
  EXPECT_TRUE(next(1, true)) << "pressed";
  EXPECT_TRUE(next(0, true));
  EXPECT_FALSE(next(2, true)) << "let go and pressed again";
  EXPECT_TRUE(next(0, true));
  EXPECT_FALSE(next(1, false));
  EXPECT_TRUE(next(1, false)) << "an edge of which the kernel saw one only";
  EXPECT_FALSE(next(0, false));
  EXPECT_TRUE(next(7, true));
}

TEST_F(CountedInput, ACountThatBeganAnewIsNoPress) {
  EXPECT_FALSE(next(2, false));
  EXPECT_FALSE(next(0, false));
  line.edges = {.count = 5, .since = Instant{from_ms(500)}};
  EXPECT_FALSE(next(0, false));
  EXPECT_TRUE(next(2, false));
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
