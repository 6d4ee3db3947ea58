#include "session/deadlines.hpp"

#include <array>
#include <gtest/gtest.h>
#include <map>
#include <rapidcheck/gtest.h>
#include <vector>

namespace signalbox::session {
namespace {

using Looked = std::vector<std::uint32_t>;

class DeadlinesTest : public testing::Test {
 protected:
  DeadlinesTest() {
    for (std::uint32_t place : {0U, 1U, 2U}) deadlines.clear(place);
  }
  Looked look(Instant now, Instant again = kNever) {
    Looked looked;
    deadlines.each_due(now, [&](std::uint32_t place) {
      looked.push_back(place);
      return again;
    });
    return looked;
  }
  static Instant ms(std::int64_t ms) { return Instant{from_ms(ms)}; }

  std::array<Instant, 4> places{};  // zeros, as memory is that was never used
  Deadlines deadlines{places};
};

TEST_F(DeadlinesTest, NobodyIsLookedAtWhoseTimeHasNotCome) {
  EXPECT_EQ(deadlines.first(), kNever);
  EXPECT_EQ(look(ms(1000)), Looked{});
  deadlines.bring_forward(1, ms(1050));
  EXPECT_EQ(look(ms(1050)), Looked{});
  EXPECT_EQ(look(ms(1100)), Looked{1});
  EXPECT_EQ(look(ms(9000)), Looked{}) << "once";
}

TEST_F(DeadlinesTest, ThoseThatComeNearEachOtherAreLookedAtTogether) {
  deadlines.bring_forward(0, ms(1001));
  deadlines.bring_forward(2, ms(1099));
  deadlines.bring_forward(1, ms(1101));
  EXPECT_EQ(deadlines.first(), ms(1100));
  EXPECT_EQ(look(ms(1100)), (Looked{0, 2}));
  EXPECT_EQ(deadlines.first(), ms(1200));
}

TEST_F(DeadlinesTest, TheEarliestCounts) {
  deadlines.bring_forward(1, ms(500));
  deadlines.bring_forward(1, ms(900));
  deadlines.bring_forward(1, ms(300));
  EXPECT_EQ(deadlines.first(), ms(300));
  deadlines.at_once(1);
  EXPECT_EQ(look(Instant{}), Looked{1});
}

TEST_F(DeadlinesTest, SoonIsNotNow) {
  deadlines.soon(1, ms(500));
  EXPECT_EQ(look(ms(500)), Looked{});
  EXPECT_EQ(deadlines.first(), ms(600));
}

TEST_F(DeadlinesTest, WhoLooksSaysWhenToComeAgain) {
  deadlines.bring_forward(1, ms(500));
  EXPECT_EQ(look(ms(500), ms(800)), Looked{1});
  EXPECT_EQ(look(ms(700)), Looked{});
  EXPECT_EQ(look(ms(800)), Looked{1});
}

TEST_F(DeadlinesTest, WhoeverIsBroughtForwardMeanwhileIsNotMissed) {
  deadlines.at_once(1);
  deadlines.each_due(ms(500), [&](std::uint32_t) {
    deadlines.at_once(0);
    deadlines.at_once(1);
    return ms(9000);
  });
  EXPECT_EQ(look(ms(500)), (Looked{0, 1}));
}

TEST_F(DeadlinesTest, ANewOneIsNobodysBefore) {
  deadlines.bring_forward(1, ms(500));
  deadlines.clear(1);
  deadlines.clear(3);
  EXPECT_EQ(look(ms(500)), Looked{});
}

RC_GTEST_PROP(Deadlines, EachIsLookedAtInItsTimeAndNotBefore, ()) {
  std::array<Instant, 5> places{};
  Deadlines deadlines{places};
  for (std::uint32_t place = 0; place < places.size(); ++place) deadlines.clear(place);
  std::map<std::uint32_t, Instant> wanted;
  Instant now{};
  const auto steps = *rc::gen::inRange(1, 60);
  for (int i = 0; i < steps; ++i) {
    const auto place = *rc::gen::inRange<std::uint32_t>(0, places.size());
    const Instant at = now + from_ms(*rc::gen::inRange(1, 700));
    deadlines.bring_forward(place, at);
    if (!wanted.contains(place) || at < wanted[place]) wanted[place] = at;
    now += from_ms(*rc::gen::inRange(0, 300));
    deadlines.each_due(now, [&](std::uint32_t due) {
      RC_ASSERT(wanted.contains(due));
      RC_ASSERT(wanted[due] <= now);
      wanted.erase(due);
      return kNever;
    });
    for (const auto& [waits, when] : wanted) {
      RC_ASSERT(now < when + Deadlines::kTogether);
      RC_ASSERT(deadlines.first() < when + Deadlines::kTogether);
    }
  }
}

}  // namespace
}  // namespace signalbox::session
