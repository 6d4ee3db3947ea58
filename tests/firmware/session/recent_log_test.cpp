#include "session/recent_log.hpp"

#include <array>
#include <gtest/gtest.h>

namespace signalbox::session {
namespace {

TEST(RecentLog, TheOldestGivesWayToTheNewest) {
  std::array<int, 3> slots{};
  RecentLog<int> log{slots};
  EXPECT_EQ(log.end(), 0U);
  for (int i = 10; i < 15; ++i) log.add(i);
  EXPECT_EQ(log.oldest(), 2U);
  EXPECT_EQ(log.end(), 5U);
  EXPECT_EQ(log.at(2), 12);
  EXPECT_EQ(log.at(4), 14);
}

}  // namespace
}  // namespace signalbox::session
