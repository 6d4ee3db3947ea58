#include "session/life.hpp"

#include <gtest/gtest.h>
#include <set>
#include <utility>

namespace signalbox::session {
namespace {

TEST(Life, goes_one_way_only) {
  using enum Phase;
  const std::set<std::pair<Phase, Phase>> steps{{tcp, tls},
                                                {tls, upgrade},
                                                {upgrade, welcome},
                                                {welcome, authenticated},
                                                {welcome, draining},
                                                {authenticated, draining},
                                                {tcp, closed},
                                                {tls, closed},
                                                {upgrade, closed},
                                                {welcome, closed},
                                                {authenticated, closed},
                                                {draining, closed}};
  for (std::size_t from = 0; from < kPhases; ++from) {
    for (std::size_t to = 0; to < kPhases; ++to) {
      const std::pair step{static_cast<Phase>(from), static_cast<Phase>(to)};
      EXPECT_EQ(is_step(step.first, step.second), steps.contains(step))
          << wire_name(step.first) << " -> " << wire_name(step.second);
    }
  }
}

TEST(Life, counts_each_step_by_itself) {
  LifeCounts counts;
  counts.arrive();
  counts.arrive();
  counts.step(Phase::tcp, Phase::tls);
  counts.step(Phase::tcp, Phase::closed);
  counts.step(Phase::tls, Phase::closed);
  EXPECT_EQ(counts.arrived(), 2U);
  EXPECT_EQ(counts.steps(Phase::tcp, Phase::tls), 1U);
  EXPECT_EQ(counts.steps(Phase::tcp, Phase::closed), 1U);
  EXPECT_EQ(counts.steps(Phase::tls, Phase::closed), 1U);
  EXPECT_EQ(counts.steps(Phase::tls, Phase::upgrade), 0U);
}

TEST(Life, a_step_that_does_not_exist_is_a_broken_invariant) {
  LifeCounts counts;
  EXPECT_DEATH(counts.step(Phase::draining, Phase::authenticated), "broken invariant");
}

}  // namespace
}  // namespace signalbox::session
