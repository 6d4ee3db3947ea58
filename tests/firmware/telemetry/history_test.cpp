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
  EXPECT_EQ(history.lost_at(0), Instant{from_ms(1020)});
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
  EXPECT_EQ(none.lost_at(0), now);
}

TEST_F(HistoryTest, starts_empty_whatever_its_memory_held_before) {
  for (int i = 0; i < 9; ++i) put(0, i);
  const History again{{tracks, entries}};
  EXPECT_TRUE(again.of(0).empty());
  EXPECT_EQ(again.lost_until(0), 0U);
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
