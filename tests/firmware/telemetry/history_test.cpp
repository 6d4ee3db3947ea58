#include "telemetry/history.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

namespace signalbox::telemetry {
namespace {

using device::ChannelIndex;

/// Three channels with four places each.
class HistoryTest : public testing::Test {
 protected:
  void put(ChannelIndex channel, double value) {
    now += from_ms(10);
    history.put(channel,
                {.sample = {value, device::Quality::good, now}, .offset = ++offset, .was_read = true});
  }
  std::string offsets(ChannelIndex channel) const {
    std::string text;
    for (std::size_t i = 0; i < history.of(channel).size(); ++i)
      text += std::to_string(history.of(channel)[i].offset) + " ";
    return text;
  }

  Instant now{from_ms(1000)};
  std::uint64_t offset = 0;
  std::array<History::Track, 3> tracks{};
  std::array<History::Entry, 12> entries{};
  History history{{tracks, entries}};
};

TEST_F(HistoryTest, keeps_each_sample_with_its_offset_and_its_moment) {
  put(1, 21.5);
  history.put(1, {.sample = {5.0, device::Quality::fault, now}, .offset = 7, .was_read = false});
  ASSERT_EQ(history.of(1).size(), 2U);
  const History::Entry& first = history.of(1)[0];
  EXPECT_EQ(first.value, device::Value{21.5});
  EXPECT_EQ(first.offset, 1U);
  EXPECT_EQ(first.taken_at, now);
  EXPECT_EQ(first.quality, device::Quality::good);
  EXPECT_TRUE(first.was_read);
  EXPECT_EQ(history.of(1)[1].quality, device::Quality::fault);
  EXPECT_FALSE(history.of(1)[1].was_read);
  EXPECT_TRUE(history.of(0).empty());
  EXPECT_EQ(history.channels(), 3U);
}

TEST_F(HistoryTest, a_full_ring_overwrites_its_oldest_and_says_so) {
  for (int i = 0; i < 4; ++i) put(0, i);
  EXPECT_EQ(history.lost_until(0), 0U);
  put(2, 1);
  put(0, 4);
  put(0, 5);
  EXPECT_EQ(offsets(0), "3 4 6 7 ");
  EXPECT_EQ(history.lost_until(0), 2U);
  EXPECT_TRUE(history.has_lost(0, 1, {1020}, {}));
  EXPECT_FALSE(history.has_lost(0, 2, {1020}, {}));
  EXPECT_FALSE(history.has_lost(0, 1, {1021}, {}));
  EXPECT_EQ(history.lost_until(2), 0U) << "a busy channel costs the others nothing";
}

TEST_F(HistoryTest, finds_the_first_above_an_offset) {
  for (const ChannelIndex channel : std::initializer_list<ChannelIndex>{0, 1, 0, 1, 0}) put(channel, 1);
  EXPECT_EQ(history.first_after(0, 0), 0U);
  EXPECT_EQ(history.first_after(0, 1), 1U);
  EXPECT_EQ(history.first_after(0, 2), 1U);
  EXPECT_EQ(history.first_after(0, 5), 3U);
  EXPECT_EQ(history.first_after(2, 0), 0U);
}

TEST_F(HistoryTest, a_walk_goes_by_offset_through_the_channels_asked_for) {
  for (const ChannelIndex channel : std::initializer_list<ChannelIndex>{0, 1, 2, 1, 0, 2}) put(channel, 1);
  HistoryWalk walk{history, device::ChannelSet{0b101}, 1};
  std::string seen;
  for (HistoryWalk::Step step = walk.next(); step.entry != nullptr; step = walk.next())
    seen += std::to_string(step.channel) + "@" + std::to_string(step.entry->offset) + " ";
  EXPECT_EQ(seen, "2@3 0@5 2@6 ");
}

TEST_F(HistoryTest, without_memory_everything_is_lost_and_told_as_lost) {
  std::array<History::Track, 1> one{};
  History none{{one, {}}};
  none.put(0, {.sample = {1.0, device::Quality::good, now}, .offset = 4, .was_read = true});
  EXPECT_TRUE(none.of(0).empty());
  EXPECT_EQ(none.lost_until(0), 4U);
  EXPECT_TRUE(none.has_lost(0, 0, {to_ms(now.time_since_epoch())}, {}));
}

TEST_F(HistoryTest, starts_empty_whatever_its_memory_held_before) {
  for (int i = 0; i < 9; ++i) put(0, i);
  const History again{{tracks, entries}};
  EXPECT_TRUE(again.of(0).empty());
  EXPECT_EQ(again.lost_until(0), 0U);
}

/// What is restored goes by Unix time, and stays there however this run's clock is set.
TEST_F(HistoryTest, what_is_restored_has_the_times_of_then) {
  const auto restore = [&](std::int64_t unix_ms) {
    history.restore(0, {.value = 1.0, .taken_at = Instant{from_ms(unix_ms)}, .offset = ++offset});
  };
  restore(5'000'000);
  restore(5'000'100);
  history.end_past(offset);
  put(0, 2);
  EXPECT_EQ(history.restored_until(), 2U);
  for (const std::int64_t wall_ms : {0, 9'000'000}) {
    const WallClock clock{now, {wall_ms}};
    const auto label = [&](std::size_t place) {
      const History::Entry& entry = history.of(0)[place];
      return history.label(entry, clock).unix_ms;
    };
    EXPECT_EQ(label(0), 5'000'000);
    EXPECT_EQ(label(1), 5'000'100);
    EXPECT_EQ(label(2), wall_ms);
  }
}

TEST_F(HistoryTest, what_claims_to_be_later_than_what_came_after_it_is_dropped_and_lost) {
  const auto restore = [&](std::int64_t unix_ms) {
    history.restore(0, {.value = 1.0, .taken_at = Instant{from_ms(unix_ms)}, .offset = ++offset});
  };
  for (const std::int64_t unix_ms : {100, 200, 300, 150}) restore(unix_ms);
  EXPECT_EQ(offsets(0), "1 4 ");
  EXPECT_EQ(history.lost_until(0), 3U);
  EXPECT_TRUE(history.has_lost(0, 0, {150}, {}));
  EXPECT_FALSE(history.has_lost(0, 0, {151}, {}));
}

/// The clock was set back since: what this run loses is earlier than what the run before lost.
TEST_F(HistoryTest, each_runs_losses_go_by_its_own_clock) {
  history.restore(0, {.value = 1.0, .taken_at = Instant{from_ms(9'000'000)}, .offset = ++offset});
  history.end_past(offset);
  for (int i = 0; i < 5; ++i) put(0, i);
  const WallClock clock{};
  EXPECT_EQ(history.lost_until(0), 2U);
  EXPECT_TRUE(history.has_lost(0, 0, {9'000'000}, clock));
  EXPECT_FALSE(history.has_lost(0, 0, {9'000'001}, clock));
  EXPECT_FALSE(history.has_lost(0, 1, {1011}, clock));
  EXPECT_TRUE(history.has_lost(0, 1, {1010}, clock));
}

TEST_F(HistoryTest, what_was_lost_of_earlier_runs_stays_lost) {
  history.lose_past(0, 9, Instant{from_ms(500)});
  history.lose_past(0, 4, Instant{from_ms(900)});
  EXPECT_EQ(history.lost_until(0), 9U);
  EXPECT_TRUE(history.has_lost(0, 8, {900}, {}));
}

TEST(FirstPlace, IsTheFirstThatHolds) {
  for (std::size_t count = 0; count < 20; ++count)
    for (std::size_t first = 0; first <= count; ++first)
      EXPECT_EQ(first_place(count, [&](std::size_t place) { return place >= first; }), first);
}

RC_GTEST_PROP(History, HoldsTheLatestOfEachChannel, ()) {
  std::array<History::Track, 3> tracks{};
  std::array<History::Entry, 15> entries{};
  History history{{tracks, entries}};
  std::array<std::vector<std::uint64_t>, 3> model;
  std::uint64_t offset = 0;
  for (const std::size_t channel :
       *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 3))) {
    history.put(static_cast<ChannelIndex>(channel), {.sample = {}, .offset = ++offset});
    model[channel].push_back(offset);
  }
  for (ChannelIndex i = 0; i < 3; ++i) {
    const std::size_t kept = std::min<std::size_t>(model[i].size(), 5);
    RC_ASSERT(history.of(i).size() == kept);
    for (std::size_t k = 0; k < kept; ++k)
      RC_ASSERT(history.of(i)[k].offset == model[i][model[i].size() - kept + k]);
    RC_ASSERT(history.lost_until(i) == (kept < model[i].size() ? model[i][model[i].size() - kept - 1] : 0));
  }
}

}  // namespace
}  // namespace signalbox::telemetry
