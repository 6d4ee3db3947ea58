#include "link/cut_records.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <gtest/gtest.h>

namespace signalbox::link {
namespace {

TEST(CutRecords, TheyHaveACapTogether) {
  CutRecords records;
  records.set_cap(1000);
  EXPECT_TRUE(records.may_fit(1000));
  EXPECT_FALSE(records.may_fit(1001));
  int owner = 0;
  CutRecords::Block* first = records.take(&owner, 600, Instant{});
  ASSERT_NE(first, nullptr);
  std::fill_n(first->bytes(), 600, 1);
  EXPECT_EQ(records.take(&owner, 401, Instant{}), nullptr);
  CutRecords::Block* second = records.take(&owner, 400, Instant{});
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(records.gauge().used, 1000U);
  records.give_back(*first);
  records.give_back(*second);
  EXPECT_EQ(records.gauge().used, 0U);
  EXPECT_EQ(records.gauge().high_water, 1000U);
}

TEST(CutRecords, TheOldestIsFoundWhoeverGoesBefore) {
  CutRecords records;
  records.set_cap(1000);
  EXPECT_EQ(records.oldest(), nullptr);
  std::array<int, 3> owners{};
  std::array<CutRecords::Block*, 3> blocks{};
  for (std::size_t i = 0; i < 3; ++i)
    blocks[i] = records.take(&owners[i], 10, Instant{} + from_ms(static_cast<std::int64_t>(i)));
  EXPECT_EQ(records.oldest(), blocks[0]);
  EXPECT_EQ(blocks[0]->owner, &owners[0]);
  EXPECT_EQ(blocks[2]->since, Instant{} + from_ms(2));
  records.give_back(*blocks[1]);
  EXPECT_EQ(blocks[0]->newer, blocks[2]);
  records.give_back(*blocks[0]);
  EXPECT_EQ(records.oldest(), blocks[2]);
  records.give_back(*blocks[2]);
  EXPECT_EQ(records.oldest(), nullptr);
}

}  // namespace
}  // namespace signalbox::link
