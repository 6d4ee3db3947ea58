#include "base/pool_gauge.hpp"

#include <gtest/gtest.h>

namespace signalbox {
namespace {

TEST(PoolGauge, RemembersTheMostThatWasUsed) {
  PoolGauge gauge{.capacity = 10};
  gauge.took();
  gauge.took(4);
  gauge.gave_back(3);
  gauge.took();
  EXPECT_EQ(gauge.used, 3U);
  EXPECT_EQ(gauge.high_water, 5U);
  EXPECT_EQ(gauge.refused, 0U);
}

}  // namespace
}  // namespace signalbox
