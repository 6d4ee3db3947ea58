#include "session/recent_log.hpp"

#include <array>
#include <cstdint>
#include <gtest/gtest.h>
#include <initializer_list>

namespace signalbox::session {
namespace {

struct Entry {
  std::uint64_t offset = 0;
};

class RecentLogTest : public testing::Test {
 protected:
  void add(std::initializer_list<std::uint64_t> offsets) {
    for (const std::uint64_t offset : offsets) log.add({offset});
  }
  std::array<Entry, 3> slots{};
  RecentLog<Entry> log{slots};
};

TEST_F(RecentLogTest, TheOldestGivesWayToTheNewest) {
  EXPECT_EQ(log.end(), 0U);
  add({10, 11, 12, 13, 14});
  EXPECT_EQ(log.oldest(), 2U);
  EXPECT_EQ(log.end(), 5U);
  EXPECT_EQ(log.at(2).offset, 12U);
  EXPECT_EQ(log.at(4).offset, 14U);
}

TEST_F(RecentLogTest, ALaterReaderFindsItsPlace) {
  EXPECT_EQ(log.place_after(0), 0U);
  add({10, 20, 30});
  EXPECT_EQ(log.place_after(0), 0U) << "nothing is gone";
  EXPECT_EQ(log.place_after(10), 1U);
  EXPECT_EQ(log.place_after(25), 2U);
  EXPECT_EQ(log.place_after(30), 3U);
  add({40, 50});
  EXPECT_EQ(log.place_after(20), 2U) << "what is gone was known";
  EXPECT_EQ(log.place_after(19), 1U) << "one is gone";
  EXPECT_EQ(log.place_after(0), 0U) << "at most two are gone";
  EXPECT_EQ(log.place_after(50), 5U);
}

}  // namespace
}  // namespace signalbox::session
