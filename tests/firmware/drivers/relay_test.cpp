#include "drivers/relay.hpp"

#include <gtest/gtest.h>

#include "firmware/drivers/part_bench.hpp"

namespace signalbox::drivers {
namespace {

using device::Text;
using hal::Completion;

bool coil(PartBench& bench) { return bench.platform().heater().coil().level(bench.clock.now()); }

TEST(Relay, HoldsItsInitialLevelFromTheFirstMoment) {
  for (const bool initial : {false, true})
    for (const bool active_low : {false, true}) {
      PartBench bench;
      ASSERT_EQ(bench.start(kRelay, {{"line", Text{"heater"}}, {"activeLow", active_low}}, initial), "");
      EXPECT_EQ(coil(bench), initial != active_low);  // before any step
      bench.run(from_ms(10));
      ASSERT_EQ(bench.told.size(), 1U);
      EXPECT_EQ(bench.boolean(0), initial);
    }
}

TEST(Relay, DrivesAndReadsBackAtOnce) {
  PartBench bench;
  ASSERT_EQ(bench.start(kRelay, {{"line", Text{"heater"}}}), "");
  bench.run(from_ms(100));
  bench.forget();
  bench.actuator().drive(true, bench.clock.now() + from_ms(100));
  EXPECT_EQ(bench.actuator().driven(), Completion::pending);
  bench.run(from_ms(5));
  EXPECT_EQ(bench.actuator().driven(), Completion::done);
  EXPECT_TRUE(coil(bench));
  ASSERT_EQ(bench.told.size(), 1U);
  EXPECT_TRUE(bench.boolean(0));
}

TEST(Relay, KeepsTellingItsState) {
  PartBench bench;
  ASSERT_EQ(bench.start(kRelay, {{"line", Text{"heater"}}, {"periodMs", 200.0}}), "");
  bench.run(from_ms(1000));
  EXPECT_EQ(bench.told.size(), 5U);
}

TEST(Relay, ShowsWhatAStuckLineDoesInsteadOfWhatWasAsked) {
  PartBench bench;
  bench.faults.add({sim::FaultKind::stuck, "heater", Instant{}});
  ASSERT_EQ(bench.start(kRelay, {{"line", Text{"heater"}}}), "");
  bench.run(from_ms(10));
  bench.actuator().drive(true, bench.clock.now() + from_ms(100));
  bench.run(from_ms(5));
  EXPECT_EQ(bench.actuator().driven(), Completion::done);
  EXPECT_FALSE(std::get<bool>(*bench.told.back().value));
}

TEST(Relay, TellsALineThatRefuses) {
  PartBench bench;
  ASSERT_EQ(bench.start(kRelay, {{"line", Text{"heater"}}}), "");
  bench.run(from_ms(100));
  bench.forget();
  bench.faults.add({sim::FaultKind::fails, "heater", bench.clock.now(), bench.clock.now() + from_ms(50)});
  bench.actuator().drive(true, bench.clock.now() + from_ms(100));
  bench.run(from_ms(50));
  EXPECT_EQ(bench.actuator().driven(), Completion::failed);
  ASSERT_EQ(bench.told.size(), 1U);
  EXPECT_EQ(bench.told[0].why, "line not writable");
  bench.run(from_ms(1000));
  EXPECT_FALSE(std::get<bool>(*bench.told.back().value));  // the next reading shows the truth again
  EXPECT_FALSE(coil(bench));
}

TEST(Relay, NeverDrivesAfterItsDeadline) {
  PartBench bench;
  ASSERT_EQ(bench.start(kRelay, {{"line", Text{"heater"}}}), "");
  bench.run(from_ms(100));
  bench.actuator().drive(true, bench.clock.now() - from_ms(1));
  bench.run(from_ms(3000));
  EXPECT_EQ(bench.actuator().driven(), Completion::timed_out);
  EXPECT_FALSE(coil(bench));
}

TEST(Relay, TellsALineThatCannotBeRead) {
  PartBench bench;
  bench.faults.add({sim::FaultKind::fails, "heater", Instant{}});
  ASSERT_EQ(bench.start(kRelay, {{"line", Text{"heater"}}}), "");
  bench.run(from_ms(500));
  ASSERT_EQ(bench.told.size(), 1U);
  EXPECT_EQ(bench.told[0].why, "line not readable");
}

TEST(Relay, LooksAgainSoonAtALineThatCouldNotBeRead) {
  PartBench bench;
  bench.faults.add({sim::FaultKind::fails, "heater", Instant{}, Instant{} + from_ms(20'000)});
  ASSERT_EQ(bench.start(kRelay, {{"line", Text{"heater"}}, {"periodMs", 200.0}}), "");
  bench.run(Instant{} + from_ms(20'000) - bench.clock.now());
  EXPECT_EQ(bench.told.back().why, "line not readable");
  bench.run(from_ms(550));
  EXPECT_EQ(bench.told.back().why, "") << "half a second later at most";
}

TEST(Relay, NeedsAnOutputLineOfItsOwn) {
  PartBench bench;
  EXPECT_EQ(bench.start(kRelay, {{"line", Text{"boiler"}}}), "no free output line \"boiler\" on this board");
  EXPECT_EQ(bench.start(kRelay, {{"line", Text{"door"}}}), "no free output line \"door\" on this board");
  EXPECT_EQ(bench.start(kRelay, {{"line", Text{"heater"}}}, false, {}),
            "no free output line \"heater\" on this board");
  ASSERT_EQ(bench.start(kRelay, {{"line", Text{"heater"}}}), "");
  alignas(std::max_align_t) std::array<std::byte, device::kPartBytesMax> place{};
  device::Settings settings;
  settings.values[0] = Text{"heater"};
  settings.values[2] = 1000.0;
  EXPECT_FALSE(kRelay.construct(place.data(), {bench.platform().ports(), settings, false}).has_value());
}

}  // namespace
}  // namespace signalbox::drivers
