#include "base/instant.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace signalbox {
namespace {

TEST(Instant, MillisecondsComeBack) {
  EXPECT_EQ(to_ms(from_ms(1234)), 1234);
  EXPECT_EQ(to_ms(Duration{1999}), 1);
  EXPECT_EQ(to_ms(from_ms(-5)), -5);
}

TEST(Instant, NeverIsLaterThanAnything) { EXPECT_GT(kNever, Instant{from_ms(1'000'000'000'000)}); }

RC_GTEST_PROP(WallClock, LabelsRunAlongsideMonotonicTime, (std::int32_t at_ms, std::int32_t later_ms)) {
  const WallClock clock{Instant{from_ms(at_ms)}, WallTime{1'763'683'200'000}};
  RC_ASSERT(clock.label(clock.at).unix_ms == 1'763'683'200'000);
  RC_ASSERT(clock.label(clock.at + from_ms(later_ms)).unix_ms == 1'763'683'200'000 + later_ms);
}

}  // namespace
}  // namespace signalbox
