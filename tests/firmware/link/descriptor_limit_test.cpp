#include "link/descriptor_limit.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

namespace signalbox::link {
namespace {

rlimit limit_now() {
  rlimit limit{};
  EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  return limit;
}

TEST(DescriptorLimit, IsNarrowForAWhileAndNeverLessThanAskedForAfterwards) {
  const rlimit before = limit_now();
  {
    DescriptorLimit limit;
    ASSERT_TRUE(limit.narrow(100, 1000).has_value());
    EXPECT_GE(limit_now().rlim_cur, 100U);
    EXPECT_LT(limit_now().rlim_cur, 1000U);
  }
  EXPECT_EQ(limit_now().rlim_cur, before.rlim_cur);
}

TEST(DescriptorLimit, WidensASoftLimitThatIsTooLow) {
  const rlimit before = limit_now();
  rlimit low = before;
  low.rlim_cur = 64;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  {
    DescriptorLimit limit;
    ASSERT_TRUE(limit.narrow(100, 1000).has_value());
  }
  EXPECT_GE(limit_now().rlim_cur, 100U);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST(DescriptorLimit, SaysWhatIsTooSmall) {
  DescriptorLimit limit;
  const Result<void> table = limit.narrow(100, 50);
  ASSERT_FALSE(table.has_value());
  EXPECT_NE(table.error().detail.view().find("table has 50 places"), std::string_view::npos);
  const Result<void> system = limit.narrow(SIZE_MAX / 2, SIZE_MAX);  // no kernel allows as many
  ASSERT_FALSE(system.has_value());
  EXPECT_NE(system.error().detail.view().find("LimitNOFILE"), std::string_view::npos);
}

}  // namespace
}  // namespace signalbox::link
