#include "control/outputs.hpp"

#include "tests/firmware/control/outputs_bench.hpp"

namespace signalbox::control {
namespace {

using OutputsTest = OutputsBench;

TEST_F(OutputsTest, BeginWithTheirInitialValues) {
  EXPECT_EQ(outputs.state(kHeater).now.value, device::Value{false});
  EXPECT_EQ(outputs.state(kLamp).now.value, device::Value{true});
  EXPECT_TRUE(outputs.is_safe(kHeater));
  EXPECT_FALSE(outputs.is_safe(kLamp));
  EXPECT_EQ(outputs.state(kHeater).now.switched_at, Instant{from_ms(60'000)})
      << "how long it was off before is not known";
  EXPECT_FALSE(outputs.has(kDoor));
  EXPECT_EQ((std::vector<device::ChannelIndex>{outputs.all().begin(), outputs.all().end()}),
            (std::vector<device::ChannelIndex>{kHeater, kCooler, kLamp}));
}

TEST_F(OutputsTest, DrivingKeepsWhatWasBefore) {
  outputs.drive(kCooler, true, now + from_ms(50), now, from_ms(500));
  EXPECT_EQ(outputs.state(kCooler).before.value, device::Value{false});
  EXPECT_EQ(outputs.state(kCooler).now.value, device::Value{true});
  EXPECT_EQ(outputs.driven(kCooler), Completion::pending);
  ASSERT_EQ(lines.writes.size(), 1U);
  EXPECT_EQ(lines.writes[0], (HeldLines::Write{"cooler", true, now + from_ms(50)}));
  now += from_ms(30);
  lines.finish("cooler");
  outputs.conclude(kCooler, Completion::done, now);
  EXPECT_EQ(outputs.state(kCooler).now.switched_at, now) << "when it has the value, not when it was told";
  EXPECT_EQ(outputs.state(kCooler).now.pulse_ends, now + from_ms(500));
  const Instant switched = now;
  now += from_ms(70);
  drive(kCooler, true);
  EXPECT_EQ(outputs.state(kCooler).now.switched_at, switched) << "on before, on now";
  drive(kCooler, false);
  EXPECT_EQ(outputs.state(kCooler).now.switched_at, now);
  EXPECT_EQ(outputs.state(kCooler).now.pulse_ends, kNever) << "a pulse is over once the output is safe";
}

TEST_F(OutputsTest, APartThatIsDrivenIsSteppedNext) {
  roster.part_of(kHeater).due = now + from_ms(1000);
  roster.part_of(kCooler).due = now + from_ms(1000);
  outputs.drive(kHeater, true, now + from_ms(50), now);
  EXPECT_LE(roster.part_of(kHeater).due, now);
  EXPECT_EQ(roster.part_of(kCooler).due, now + from_ms(1000));
}

TEST_F(OutputsTest, MovingIsNotedWithItsTime) {
  EXPECT_FALSE(outputs.is_moving(kHeater, now));
  outputs.drive(kHeater, true, now + from_ms(50), now);
  now += from_ms(20);
  EXPECT_TRUE(outputs.is_moving(kHeater, now));
  EXPECT_EQ(outputs.state(kHeater).moved_at, now);
  lines.finish("heater");
  EXPECT_FALSE(outputs.is_moving(kHeater, now + from_ms(10)));
  EXPECT_EQ(outputs.state(kHeater).moved_at, now);
}

TEST_F(OutputsTest, WhatNeverReachedTheHardwareIsTakenBack) {
  drive(kCooler, true);
  outputs.state(kCooler).now.pulse_ends = now + from_ms(5);
  const Holding before = outputs.state(kCooler).now;
  now += from_ms(1);
  outputs.drive(kCooler, false, now + from_ms(50), now);
  lines.finish("cooler", Completion::timed_out);
  outputs.conclude(kCooler, Completion::timed_out, now);
  EXPECT_TRUE(outputs.holds(kCooler, true));
  EXPECT_EQ(outputs.state(kCooler).now.pulse_ends, before.pulse_ends);
  EXPECT_EQ(outputs.state(kCooler).now.switched_at, before.switched_at);
}

TEST_F(OutputsTest, WhatFailedMayHaveHappenedOrNot) {
  outputs.drive(kCooler, false, now + from_ms(50), now);
  lines.finish("cooler", Completion::failed);
  outputs.conclude(kCooler, Completion::failed, now);
  EXPECT_FALSE(outputs.is_safe(kCooler));
  drive(kCooler, false);
  EXPECT_TRUE(outputs.is_safe(kCooler));
}

}  // namespace
}  // namespace signalbox::control
