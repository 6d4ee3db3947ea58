#include "telemetry/recovery.hpp"

#include <gtest/gtest.h>
#include <map>
#include <rapidcheck/gtest.h>
#include <set>
#include <vector>

namespace signalbox::telemetry {
namespace {

using device::ChannelIndex;
using device::ChannelSet;

constexpr std::size_t kChannels = 3;
constexpr std::size_t kEach = 4;

/// A device that samples, and what it remembers.
struct Past {
  void put(ChannelIndex channel) {
    history.put(channel, {.sample = {}, .offset = ++offset});
    taken[channel].push_back(offset);
  }
  void put_all(std::initializer_list<ChannelIndex> channels) {
    for (const ChannelIndex channel : channels) put(channel);
  }
  Recovery from(std::uint64_t known, ChannelSet channels = 0b111) const {
    return {.channels = channels, .after = known, .until = offset};
  }

  std::uint64_t offset = 0;
  std::array<std::vector<std::uint64_t>, kChannels> taken;
  std::array<History::Track, kChannels> tracks{};
  std::array<History::Entry, kChannels * kEach> entries{};
  History history{{tracks, entries}};
};

TEST(Recovery, IsOverWhereNothingWasMissed) {
  Past past;
  past.put_all({0, 1});
  EXPECT_TRUE(past.from(2).is_over(past.history));
  past.put(2);
  EXPECT_TRUE(past.from(2, 0b011).is_over(past.history)) << "another channel's sample is none of its own";
  EXPECT_FALSE(past.from(2).is_over(past.history));
}

TEST(Recovery, TellsInWindowsOfAsManySamplesAsFit) {
  Past past;
  past.put_all({0, 1, 0, 2, 1});
  Recovery recovery = past.from(1, 0b011);
  EXPECT_EQ(recovery.window_end(1, past.history), 2U);
  EXPECT_EQ(recovery.window_end(2, past.history), 3U);
  EXPECT_EQ(recovery.window_end(3, past.history), 5U);
  EXPECT_EQ(recovery.window_end(9, past.history), 5U);
  recovery.told(3, 5, past.history);
  EXPECT_EQ(recovery.window_end(1, past.history), 5U);
  recovery.told(5, 5, past.history);
  EXPECT_TRUE(recovery.is_over(past.history));
  EXPECT_TRUE(recovery.complete);
}

TEST(Recovery, EndsWhereItBegan) {
  Past past;
  past.put_all({0, 0});
  const Recovery recovery = past.from(0);
  past.put(0);
  EXPECT_EQ(recovery.window_end(9, past.history), 2U) << "what came since is telemetry";
}

TEST(Recovery, KnowsExactlyWhatIsLost) {
  Past past;
  past.put_all({1, 0, 0, 0, 0, 0, 0});  // channel 0 keeps offsets 4 to 7
  Recovery recovery = past.from(1);
  EXPECT_EQ(recovery.gaps(past.history), ChannelSet{0b001});
  EXPECT_EQ(recovery.gap_end(0, past.history), 3U);
  EXPECT_EQ(recovery.window_end(2, past.history), 5U);
  recovery.told(5, past.offset, past.history);
  EXPECT_FALSE(recovery.complete);
  EXPECT_TRUE(recovery.gaps(past.history).none()) << "told once";
  EXPECT_TRUE(past.from(3).gaps(past.history).none()) << "the lost one is known";
}

TEST(Recovery, TellsWhatIsLostUnderItsHands) {
  Past past;
  past.put_all({0, 0, 0, 0});
  Recovery recovery = past.from(0);
  recovery.told(1, past.offset, past.history);
  past.put_all({0, 0, 0});  // keeps 4 to 7
  EXPECT_EQ(recovery.gaps(past.history), ChannelSet{0b001});
  EXPECT_EQ(recovery.gap_end(0, past.history), 3U);
  EXPECT_EQ(recovery.window_end(9, past.history), 4U);
  recovery.told(4, past.offset, past.history);
  EXPECT_TRUE(recovery.is_over(past.history));
  EXPECT_FALSE(recovery.complete);
}

TEST(Recovery, OfAnotherEpochIsOneGap) {
  Past past;
  past.put(0);
  Recovery recovery = past.from(0);
  recovery.foreign = true;
  EXPECT_FALSE(recovery.is_over(past.history));
  EXPECT_EQ(recovery.gaps(past.history), ChannelSet{0b111});
  EXPECT_EQ(recovery.window_end(1, past.history), 1U);
  recovery.told(1, past.offset, past.history);
  EXPECT_TRUE(recovery.is_over(past.history));
  EXPECT_FALSE(recovery.complete);
}

/// Whatever is sampled before, between and after: all that was missed is told once and in order, or lies in a
/// gap; no gap covers what was told; complete means all.
RC_GTEST_PROP(Recovery, NeverClaimsMoreThanItHas, ()) {
  Past past;
  const auto sample = [&](int at_most) {
    for (const int channel :
         *rc::gen::resize(at_most, rc::gen::container<std::vector<int>>(rc::gen::inRange<int>(0, kChannels))))
      past.put(static_cast<ChannelIndex>(channel));
  };
  sample(60);
  const auto known = *rc::gen::inRange<std::uint64_t>(0, past.offset + 1);
  const ChannelSet channels(*rc::gen::inRange<unsigned>(1, 8));
  Recovery recovery = past.from(known, channels);
  const std::uint64_t until = past.offset;

  std::set<std::uint64_t> told;
  std::map<ChannelIndex, std::set<std::uint64_t>> lost;
  for (int messages = 0; !recovery.is_over(past.history); ++messages) {
    RC_ASSERT(messages < 1000);
    const ChannelSet gaps = recovery.gaps(past.history);
    for (ChannelIndex i = 0; i < kChannels; ++i)
      for (std::uint64_t at = recovery.after + 1; gaps.test(i) && at <= recovery.gap_end(i, past.history);
           ++at)
        lost[i].insert(at);
    const std::uint64_t end =
        recovery.window_end(*rc::gen::inRange<std::size_t>(gaps.any() ? 0 : 1, 4), past.history);
    HistoryWalk walk{past.history, channels, recovery.after};
    for (auto step = walk.next(); step.entry != nullptr && step.entry->offset <= end; step = walk.next()) {
      const bool goes_up = told.empty() || step.entry->offset > *told.rbegin();
      RC_ASSERT(goes_up);
      told.insert(step.entry->offset);
    }
    recovery.told(end, past.offset, past.history);
    sample(6);
  }
  bool all = true;
  for (ChannelIndex i = 0; i < kChannels; ++i) {
    for (const std::uint64_t at : past.taken[i]) {
      const bool missed = channels.test(i) && at > known && at <= until;
      RC_ASSERT(told.contains(at) <= missed);
      if (!missed) continue;
      RC_ASSERT(told.contains(at) != lost[i].contains(at));
      all = all && told.contains(at);
    }
  }
  RC_ASSERT(recovery.complete <= all);
}

}  // namespace
}  // namespace signalbox::telemetry
