#include "telemetry/subscription.hpp"

#include <gtest/gtest.h>

namespace signalbox::telemetry {
namespace {

using device::ChannelSet;
using device::Quality;

enum : device::ChannelIndex { kTemperature, kDoor, kLevel, kChannelCount };

ChannelSet only(std::initializer_list<device::ChannelIndex> channels) {
  ChannelSet set;
  for (const device::ChannelIndex channel : channels) set.set(channel);
  return set;
}

class SubscriptionTest : public testing::Test {
 protected:
  SubscriptionTest() {
    roster.add_channel()->kind = device::ValueKind::number;
    roster.add_channel()->kind = device::ValueKind::boolean;
    roster.add_channel()->kind = device::ValueKind::number;
    put(kTemperature, 20.0);
    put(kDoor, false);
    put(kLevel, 50.0);
  }
  void put(device::ChannelIndex channel, const device::Value& value, Quality quality = Quality::good) {
    values.put(channel, {value, quality, now});
  }
  Subscription subscribe(const RatePolicy& policy, const ChannelSet& wanted = only({kTemperature, kDoor})) {
    return {wanted, policy, seen, values, now};
  }
  ChannelSet due(Subscription& subscription, Duration later = Duration{0}) {
    now += later;
    return subscription.due(roster, values, now);
  }

  Instant now{from_ms(10'000)};
  std::array<device::Channel, kChannelCount> channels{};
  device::Roster roster{channels, {}};
  std::array<device::Latest, kChannelCount> latest{};
  device::Values values{latest};
  std::array<Subscription::Seen, kChannelCount> seen{};
};

RatePolicy instant(Duration min_period = from_ms(100), double deadband = 0.0) {
  return {.mode = RatePolicy::Mode::instant, .min_period = min_period, .deadband = deadband};
}
RatePolicy fixed(Duration period) { return {.mode = RatePolicy::Mode::fixed, .period = period}; }

TEST_F(SubscriptionTest, what_the_snapshot_held_is_not_sent_again) {
  Subscription subscription = subscribe(instant());
  EXPECT_EQ(due(subscription), only({}));
  EXPECT_EQ(subscription.next_due(), kNever);
}

TEST_F(SubscriptionTest, instant_sends_a_change_at_once_and_once) {
  Subscription subscription = subscribe(instant());
  put(kTemperature, 20.5);
  EXPECT_EQ(due(subscription), only({kTemperature}));
  EXPECT_EQ(due(subscription, from_ms(1000)), only({}));
  put(kTemperature, 20.5);
  EXPECT_EQ(due(subscription, from_ms(1000)), only({})) << "sampled again, not changed";
}

TEST_F(SubscriptionTest, what_a_latecomer_was_shown_is_due_however_near_it_is) {
  Subscription subscription = subscribe(instant(Duration{0}, 1.0));
  put(kTemperature, 20.9);
  EXPECT_EQ(due(subscription), only({}));
  subscription.shown(values);
  put(kTemperature, 19.1);
  EXPECT_EQ(due(subscription), only({kTemperature})) << "0.9 from what was sent, 1.8 from what was shown";
  put(kTemperature, 19.9);
  EXPECT_EQ(due(subscription), only({})) << "once";
  subscription.shown(values);
  EXPECT_EQ(due(subscription), only({kTemperature}));
  subscription.shown(values);
  EXPECT_EQ(due(subscription), only({})) << "all have seen the same";
}

TEST_F(SubscriptionTest, only_its_own_channels) {
  Subscription subscription = subscribe(instant());
  put(kLevel, 51.0);
  EXPECT_EQ(due(subscription), only({}));
}

TEST_F(SubscriptionTest, changes_within_the_min_period_wait_for_its_end) {
  Subscription subscription = subscribe(instant(from_ms(100)));
  put(kTemperature, 21.0);
  EXPECT_EQ(due(subscription), only({kTemperature}));
  const Instant sent_at = now;
  put(kTemperature, 22.0);
  EXPECT_EQ(due(subscription, from_ms(40)), only({}));
  EXPECT_EQ(subscription.next_due(), sent_at + from_ms(100));
  put(kDoor, true);
  EXPECT_EQ(due(subscription, from_ms(59)), only({}));
  EXPECT_EQ(due(subscription, from_ms(1)), only({kTemperature, kDoor}));
  EXPECT_EQ(subscription.next_due(), kNever);
}

TEST_F(SubscriptionTest, no_min_period_holds_nothing_back) {
  Subscription subscription = subscribe(instant(Duration{0}));
  for (int i = 0; i < 3; ++i) {
    put(kTemperature, 30.0 + i);
    EXPECT_EQ(due(subscription), only({kTemperature}));
  }
}

TEST_F(SubscriptionTest, deadband_counts_from_what_was_sent_last) {
  Subscription subscription = subscribe(instant(Duration{0}, 0.5));
  put(kTemperature, 20.4);
  EXPECT_EQ(due(subscription), only({}));
  put(kTemperature, 20.5);
  EXPECT_EQ(due(subscription), only({kTemperature})) << "a slow drift is seen too";
  put(kTemperature, 20.1);
  EXPECT_EQ(due(subscription), only({}));
  put(kTemperature, 20.0);
  EXPECT_EQ(due(subscription), only({kTemperature}));
  put(kDoor, true);
  EXPECT_EQ(due(subscription), only({kDoor})) << "numbers only";
}

TEST_F(SubscriptionTest, a_change_of_quality_passes_the_deadband_both_ways) {
  Subscription subscription = subscribe(instant(Duration{0}, 0.5));
  put(kTemperature, 20.0, Quality::fault);
  EXPECT_EQ(due(subscription), only({kTemperature}));
  put(kTemperature, 20.1);
  EXPECT_EQ(due(subscription), only({kTemperature}))
      << "it is good again: nobody may go on believing in a fault";
  put(kTemperature, 20.2);
  EXPECT_EQ(due(subscription), only({}));
}

TEST_F(SubscriptionTest, fixed_sends_all_on_its_beat_changed_or_not) {
  Subscription subscription = subscribe(fixed(from_ms(200)));
  const Instant start = now;
  EXPECT_EQ(subscription.next_due(), start + from_ms(200));
  put(kTemperature, 25.0);
  EXPECT_EQ(due(subscription, from_ms(199)), only({}));
  EXPECT_EQ(due(subscription, from_ms(1)), only({kTemperature, kDoor}));
  EXPECT_EQ(due(subscription, from_ms(1)), only({}));
  EXPECT_EQ(subscription.next_due(), start + from_ms(400));
  EXPECT_EQ(due(subscription, from_ms(199)), only({kTemperature, kDoor}));
}

TEST_F(SubscriptionTest, fixed_keeps_its_beat_when_asked_late) {
  Subscription subscription = subscribe(fixed(from_ms(200)));
  const Instant start = now;
  EXPECT_TRUE(due(subscription, from_ms(260)).any());
  EXPECT_EQ(subscription.next_due(), start + from_ms(400)) << "not 460";
}

TEST_F(SubscriptionTest, fixed_shares_its_beat_with_all_of_its_period) {
  now += from_ms(130);
  Subscription first = subscribe(fixed(from_ms(200)));
  now += from_ms(20);
  Subscription second = subscribe(fixed(from_ms(200)));
  Subscription slower = subscribe(fixed(from_ms(400)));
  EXPECT_EQ(first.next_due(), second.next_due());
  EXPECT_EQ((slower.next_due() - first.next_due()) % from_ms(200), Duration{0});
  EXPECT_GT(first.next_due(), now);
  EXPECT_LE(first.next_due() - now, from_ms(200));
}

TEST_F(SubscriptionTest, fixed_does_not_make_up_for_missed_beats) {
  Subscription subscription = subscribe(fixed(from_ms(200)));
  const Instant start = now;
  EXPECT_TRUE(due(subscription, from_ms(1000)).any());
  EXPECT_EQ(subscription.next_due(), start + from_ms(1200));
  EXPECT_EQ(due(subscription, from_ms(199)), only({}));
  EXPECT_TRUE(due(subscription, from_ms(1)).any());
}

}  // namespace
}  // namespace signalbox::telemetry
