#include "sim/hal/edge_watch.hpp"

#include <gtest/gtest.h>

#include "tests/sim/at.hpp"

namespace signalbox::sim {
namespace {

TEST(EdgeWatch, CountsTheEdgesThatAreAskedFor) {
  for (const auto& [edges, count] : {std::pair{hal::Edges::none, 0U}, std::pair{hal::Edges::rising, 2U},
                                     std::pair{hal::Edges::falling, 1U}, std::pair{hal::Edges::both, 3U}}) {
    EdgeWatch watch;
    watch.begin(at(5), {.edges = edges}, false);
    watch.see(at(10), true);
    watch.see(at(12), true);
    watch.see(at(20), false);
    watch.see(at(40), true);
    EXPECT_EQ(watch.edges().count, count);
    EXPECT_TRUE(watch.level());
  }
}

TEST(EdgeWatch, TellsWhenTheLastTwoCame) {
  EdgeWatch watch;
  watch.begin(at(5), {.edges = hal::Edges::rising}, false);
  EXPECT_EQ(watch.edges().since, at(5));
  watch.see(at(10), true);
  EXPECT_EQ(watch.edges().last_at, at(10));
  EXPECT_EQ(watch.edges().last_apart, Duration{0});
  watch.see(at(20), false);
  watch.see(at(50), true);
  EXPECT_EQ(watch.edges().last_at, at(50));
  EXPECT_EQ(watch.edges().last_apart, from_ms(40));
}

TEST(EdgeWatch, ALevelCountsOnceItHasStayed) {
  EdgeWatch watch;
  watch.begin(at(0), {.debounce = from_ms(10), .edges = hal::Edges::both}, false);
  watch.see(at(1), true);
  watch.see(at(10), false);
  watch.see(at(30), false);
  EXPECT_EQ(watch.edges().count, 0U) << "a glitch of 9 ms";
  watch.see(at(31), true);
  watch.see(at(33), false);
  watch.see(at(35), true);
  watch.see(at(44), true);
  EXPECT_FALSE(watch.level());
  watch.see(at(60), true);
  EXPECT_TRUE(watch.level());
  EXPECT_EQ(watch.edges().count, 1U);
  EXPECT_EQ(watch.edges().last_at, at(45)) << "as the kernel has it: when it had stayed";
}

}  // namespace
}  // namespace signalbox::sim
