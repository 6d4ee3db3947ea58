#include "machine/journal_feed.hpp"

#include <gtest/gtest.h>

namespace signalbox::machine {
namespace {

class JournalFeedTest : public testing::Test {
 protected:
  JournalFeedTest() {
    channel.path = "cabin/mode";
    channel.kind = device::ValueKind::number;
    channel.labels = {"off", "low"};
    channel.labels_count = 2;
  }
  std::string before(const device::Value& value) {
    actuation.before = value;
    channel.kind = device::kind_of(value);
    return std::string{record_of(actuation, channel, clock).before};
  }

  device::Channel channel;
  control::Actuation actuation{.asked_at = Instant{from_ms(100)},
                               .at = Instant{from_ms(142)},
                               .channel = 0,
                               .cause = control::Cause::command,
                               .actor = {.name = "owner", .session = "0-1", .peer = "192.0.2.7"},
                               .trace_id = "t-1",
                               .before = 20.0,
                               .after = 21.5,
                               .failed = {}};
  WallClock clock{.at = Instant{from_ms(200)}, .wall = {5000}};
};

TEST_F(JournalFeedTest, TellsWhoMovedWhatAndWhen) {
  const journal::Record record = record_of(actuation, channel, clock);
  EXPECT_EQ(record.kind, journal::Record::Kind::actuation);
  EXPECT_EQ(record.at_ms, 4942);
  EXPECT_EQ(record.latency_ms, 42U);
  EXPECT_EQ(record.channel.view(), "cabin/mode");
  EXPECT_EQ(record.cause.view(), "command");
  EXPECT_EQ(record.who.view(), "owner");
  EXPECT_EQ(record.session.view(), "0-1");
  EXPECT_EQ(record.peer.view(), "192.0.2.7");
  EXPECT_EQ(record.trace_id.view(), "t-1");
  EXPECT_EQ(record.before.view(), "20");
  EXPECT_EQ(record.after.view(), "21.5");
  EXPECT_EQ(record.outcome.view(), "applied");
  EXPECT_FALSE(record.is_dead_letter());
}

TEST_F(JournalFeedTest, TellsWhoStoppedTheDevice) {
  control::StopChange change{
      .stopped = true, .at = Instant{from_ms(100)}, .by = actuation.actor, .trace_id = "t-2"};
  EXPECT_EQ(record_of(change, clock).kind, journal::Record::Kind::stop);
  EXPECT_EQ(record_of(change, clock).trace_id.view(), "t-2");
  EXPECT_EQ(record_of(change, clock).at_ms, 4900);
  EXPECT_EQ(record_of(change, clock).who.view(), "owner");
  EXPECT_EQ(record_of(change, clock).session.view(), "0-1");
  EXPECT_EQ(record_of(change, clock).peer.view(), "192.0.2.7");
  change.stopped = false;
  EXPECT_EQ(record_of(change, clock).kind, journal::Record::Kind::reset);
}

TEST_F(JournalFeedTest, TellsWhoAcknowledgedAnAlarm) {
  const journal::Record record = record_of({.kind = telemetry::AlarmChange::Kind::acknowledged,
                                            .alarm = {0, 0},
                                            .at = Instant{from_ms(100)},
                                            .by = {"ann", "3-1", "192.0.2.7", "t-1"},
                                            .name = "tooHot"},
                                           channel, clock);
  EXPECT_EQ(record.kind, journal::Record::Kind::acknowledgement);
  EXPECT_EQ(record.at_ms, 4900);
  EXPECT_EQ(record.channel.view(), "cabin/mode");
  EXPECT_EQ(record.who.view(), "ann");
  EXPECT_EQ(record.session.view(), "3-1");
  EXPECT_EQ(record.peer.view(), "192.0.2.7");
  EXPECT_EQ(record.trace_id.view(), "t-1");
  EXPECT_EQ(record.detail.view(), "tooHot");
  EXPECT_FALSE(record.is_dead_letter());
}

TEST_F(JournalFeedTest, TellsWhyNot) {
  actuation.failed = Reason::expired;
  const journal::Record record = record_of(actuation, channel, clock);
  EXPECT_EQ(record.outcome.view(), "expired");
  EXPECT_TRUE(record.is_dead_letter());
}

TEST_F(JournalFeedTest, EveryReasonAndCauseFits) {
  for (std::size_t i = 0; i < kReasons; ++i)
    EXPECT_LE(wire_name(static_cast<Reason>(i)).size(), decltype(journal::Record::outcome)::capacity);
  EXPECT_LE(wire_name(control::Cause::pulse_ended).size(), decltype(journal::Record::cause)::capacity);
}

TEST_F(JournalFeedTest, ShowsEveryKindOfValue) {
  EXPECT_EQ(before(true), "true");
  EXPECT_EQ(before(-1.7976931348623157e+308), "-1.7976931348623157e+308");
  EXPECT_EQ(before(device::Text{"door \"A\""}), "door \"A\"");
  EXPECT_EQ(before(device::EnumIndex{1}), "low");
  EXPECT_EQ(before(device::EnumIndex{2}), "");
  channel.kind = device::ValueKind::boolean;
  actuation.after = {};
  EXPECT_EQ(record_of(actuation, channel, clock).after.view(), "") << "what a toggle would have done";
}

TEST_F(JournalFeedTest, NobodysLatencyIsNegative) {
  actuation.asked_at = actuation.at + from_ms(1);
  EXPECT_EQ(record_of(actuation, channel, clock).latency_ms, 0U);
  actuation.asked_at = Instant{};
  actuation.at = Instant{std::chrono::hours{24 * 365}};
  EXPECT_EQ(record_of(actuation, channel, clock).latency_ms, 0xFFFFFFFFU);
}

}  // namespace
}  // namespace signalbox::machine
