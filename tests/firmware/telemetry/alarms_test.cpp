#include "telemetry/alarms.hpp"

#include <array>
#include <gtest/gtest.h>
#include <vector>

namespace signalbox::telemetry {
namespace {

using device::Condition;
using device::Quality;
using Stage = AlarmState::Stage;
using Kind = AlarmChange::Kind;

/// A channel with an alarm, stepped whenever one is due, and what was told.
class AlarmsTest : public testing::Test, protected AlarmListener {
 protected:
  enum : device::ChannelIndex { kAir, kDoor, kChannels };
  static constexpr AlarmId kHot{kAir, 0};

  AlarmsTest() {
    device::Channel& air = *roster.add_channel();
    air.min = -40;
    air.max = 85;
    air.stale_after = from_ms(3000);
    roster.add_channel()->kind = device::ValueKind::boolean;
    device::AlarmRule hot;
    hot.condition = {kAir, Condition::Test::above, {}, 30.0};
    declare(hot);
  }
  std::uint64_t do_alarm_changed(const AlarmChange& change) override {
    told.push_back(change);
    return values.advance();
  }
  void declare(const device::AlarmRule& rule, std::size_t place = 0) {
    device::Channel& channel = roster.channels()[rule.condition.channel];
    channel.declared_alarms[place] = rule;
    channel.alarms_count = static_cast<std::uint8_t>(place + 1);
  }
  device::AlarmRule& hot() { return roster.channels()[kAir].declared_alarms[0]; }
  /// A reading, and the step that comes with it.
  void read(const device::Value& value, Quality quality = Quality::good) {
    values.put(kAir, {value, quality, now});
    alarms.step(now);
  }
  /// Lets time pass; steps come when they were asked for, and no sooner.
  void pass(std::int64_t ms) {
    const Instant until = now + from_ms(ms);
    for (Instant next = alarms.step(now); next <= until; next = alarms.step(now)) {
      ASSERT_GT(next, now) << "it is never done";
      now = next;
    }
    now = until;
  }
  Stage stage(const AlarmId& alarm = kHot) { return alarms.state(alarm).stage; }
  std::vector<Kind> kinds() const {
    std::vector<Kind> found;
    for (const AlarmChange& change : told) found.push_back(change.kind);
    return found;
  }

  Instant now{from_ms(60'000)};
  std::array<device::Channel, kChannels> channels{};
  device::Roster roster{channels, {}};
  std::array<device::Latest, kChannels> latest{};
  device::Values values{latest};
  std::array<Alarms::OfChannel, kChannels> states{};
  Alarms alarms{roster, values, states, *this};
  std::vector<AlarmChange> told;
  const Acknowledger ann{"ann", "3-1", "192.0.2.7", {}};
};

TEST_F(AlarmsTest, IsRaisedAndClearedWithItsCondition) {
  read(30.0);
  EXPECT_EQ(stage(), Stage::normal) << "above means above";
  read(30.5);
  ASSERT_EQ(kinds(), (std::vector{Kind::raised}));
  EXPECT_EQ(told[0].alarm, kHot);
  EXPECT_EQ(told[0].at, now);
  EXPECT_EQ(stage(), Stage::active);
  EXPECT_EQ(alarms.state(kHot).since, now);
  EXPECT_EQ(alarms.state(kHot).raised, values.offset());
  read(31.0);
  EXPECT_EQ(told.size(), 1U) << "raised once";
  read(30.0);
  EXPECT_EQ(kinds(), (std::vector{Kind::raised, Kind::cleared}));
  EXPECT_EQ(told[1].raised, alarms.state(kHot).raised);
  EXPECT_EQ(stage(), Stage::normal);
}

TEST_F(AlarmsTest, IsRaisedAfterItsOnDelay) {
  hot().on_delay = from_ms(5000);
  read(31.0);
  pass(4999);
  EXPECT_TRUE(told.empty());
  pass(1);
  alarms.step(now);
  ASSERT_EQ(told.size(), 1U) << "although no new reading came";
  EXPECT_EQ(told[0].at, Instant{from_ms(65'000)});
}

TEST_F(AlarmsTest, ADelayBeginsAnewWhenTheConditionWasOverMeanwhile) {
  hot().on_delay = from_ms(5000);
  read(31.0);
  pass(4000);
  read(29.0);
  read(31.0);
  pass(4000);
  EXPECT_TRUE(told.empty());
  pass(2000);
  EXPECT_EQ(told.size(), 1U);
}

TEST_F(AlarmsTest, IsClearedAfterItsOffDelay) {
  hot().off_delay = from_ms(2000);
  read(31.0);
  read(20.0);
  pass(1500);
  read(31.0);
  read(20.0);
  pass(1500);
  EXPECT_EQ(stage(), Stage::active);
  pass(1000);
  EXPECT_EQ(stage(), Stage::normal);
  EXPECT_EQ(told.size(), 2U);
}

TEST_F(AlarmsTest, TheDeadbandKeepsItRaised) {
  hot().deadband = 2.0;
  read(29.0);
  EXPECT_TRUE(told.empty()) << "it is no lower limit";
  read(31.0);
  for (const double number : {29.0, 30.5, 28.01}) read(number);
  EXPECT_EQ(stage(), Stage::active);
  read(28.0);
  EXPECT_EQ(stage(), Stage::normal);
  hot().condition.test = Condition::Test::below;
  read(29.9);
  EXPECT_EQ(stage(), Stage::active);
  read(31.9);
  EXPECT_EQ(stage(), Stage::active);
  read(32.0);
  EXPECT_EQ(stage(), Stage::normal);
}

TEST_F(AlarmsTest, BooleansAndLabelsAlarmToo) {
  device::AlarmRule open;
  open.condition = {kDoor, Condition::Test::is, true};
  declare(open);
  values.put(kDoor, {true, Quality::simulated, now});
  alarms.step(now);
  EXPECT_EQ(stage({kDoor, 0}), Stage::active);
  values.put(kDoor, {false, Quality::simulated, now});
  alarms.step(now);
  EXPECT_EQ(stage({kDoor, 0}), Stage::normal);
}

TEST_F(AlarmsTest, AnAcknowledgedAlarmEndsWithItsCondition) {
  hot().acknowledge = true;
  read(31.0);
  const std::uint64_t raised = alarms.state(kHot).raised;
  EXPECT_EQ(alarms.raised_at(raised), kHot);
  now += from_ms(700);
  ASSERT_TRUE(alarms.acknowledge(kHot, ann, now).has_value());
  EXPECT_EQ(stage(), Stage::acknowledged);
  EXPECT_EQ(alarms.state(kHot).since, now);
  EXPECT_EQ(alarms.state(kHot).acknowledged_by.view(), "ann");
  ASSERT_TRUE(alarms.acknowledge(kHot, ann, now).has_value());
  read(20.0);
  EXPECT_EQ(stage(), Stage::normal);
  EXPECT_EQ(kinds(), (std::vector{Kind::raised, Kind::acknowledged, Kind::cleared})) << "told once";
  EXPECT_EQ(told[1].raised, raised);
  EXPECT_EQ(told[1].by.session.view(), "3-1");
  EXPECT_TRUE(alarms.acknowledge(kHot, ann, now).has_value()) << "it was, and a repeat is told so";
  EXPECT_EQ(told.size(), 3U);
}

TEST_F(AlarmsTest, AnAlarmNobodyAcknowledgedStaysWhenItIsOver) {
  hot().acknowledge = true;
  read(31.0);
  const std::uint64_t first = alarms.state(kHot).raised;
  read(20.0);
  EXPECT_EQ(stage(), Stage::cleared);
  read(31.0);
  EXPECT_EQ(stage(), Stage::active) << "raised again";
  EXPECT_EQ(alarms.raised_at(first), std::nullopt) << "nobody saw the new one yet";
  read(20.0);
  ASSERT_TRUE(alarms.acknowledge(kHot, ann, now).has_value());
  EXPECT_EQ(stage(), Stage::normal);
  EXPECT_EQ(kinds(),
            (std::vector{Kind::raised, Kind::cleared, Kind::raised, Kind::cleared, Kind::acknowledged}));
}

TEST_F(AlarmsTest, WhereNoneIsAskedForNobodyAcknowledges) {
  read(31.0);
  const Result<void> acknowledged = alarms.acknowledge(kHot, ann, now);
  ASSERT_FALSE(acknowledged.has_value());
  EXPECT_EQ(acknowledged.error().reason, Reason::conflict);
  EXPECT_EQ(stage(), Stage::active);
}

TEST_F(AlarmsTest, AValueThatCannotBeTrustedNeitherRaisesNorClears) {
  hot().on_delay = from_ms(1000);
  hot().off_delay = from_ms(1000);
  read(50.0, Quality::fault);
  pass(5000);
  EXPECT_TRUE(told.empty());
  read(31.0);
  pass(500);
  read(31.0, Quality::stale);
  pass(5000);
  EXPECT_TRUE(told.empty());
  read(31.0);
  EXPECT_EQ(stage(), Stage::active) << "it held all the time, as far as anybody knows";
  read(20.0, Quality::fault);
  pass(5000);
  EXPECT_EQ(stage(), Stage::active);
  read(20.0);
  pass(500);
  read(20.0, Quality::fault);
  pass(5000);
  read(20.0);
  pass(999);
  EXPECT_EQ(stage(), Stage::active) << "being over has to be seen without a break";
  pass(2);
  EXPECT_EQ(stage(), Stage::normal);
}

TEST_F(AlarmsTest, ASensorThatFailsIsAnAlarmOfItsOwn) {
  device::AlarmRule blind;
  blind.condition.channel = kAir;
  blind.on_bad_quality = true;
  blind.on_delay = from_ms(1000);
  declare(blind, 1);
  read(20.0, Quality::simulated);
  read(20.0, Quality::fault);
  read(20.0, Quality::stale);
  pass(900);
  EXPECT_TRUE(told.empty());
  pass(200);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].alarm, (AlarmId{kAir, 1}));
  read(20.0);
  EXPECT_EQ(kinds(), (std::vector{Kind::raised, Kind::cleared}));
}

TEST_F(AlarmsTest, APartIsGivenTimeForItsFirstReading) {
  device::AlarmRule blind;
  blind.condition.channel = kAir;
  blind.on_bad_quality = true;
  declare(blind, 1);
  pass(2999);
  EXPECT_TRUE(told.empty());
  pass(2);
  EXPECT_EQ(told.size(), 1U) << "a part that keeps silent";
}

TEST_F(AlarmsTest, RestsUntilSomethingChangesOrIsDue) {
  EXPECT_EQ(alarms.step(now), kNever);
  read(31.0);
  EXPECT_EQ(alarms.step(now), kNever);
  hot().off_delay = from_ms(700);
  read(20.0);
  EXPECT_EQ(alarms.step(now), now + from_ms(700));
  values.advance();
  EXPECT_EQ(alarms.step(now + from_ms(100)), now + from_ms(700));
}

TEST_F(AlarmsTest, AnOffsetAtWhichNothingWasRaisedIsNoAlarm) {
  EXPECT_EQ(alarms.raised_at(0), std::nullopt) << "not that of an alarm that was never raised";
  read(31.0);
  EXPECT_EQ(alarms.raised_at(values.offset() + 1), std::nullopt);
}

}  // namespace
}  // namespace signalbox::telemetry
