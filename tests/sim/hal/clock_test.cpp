#include "sim/hal/clock.hpp"

#include <gtest/gtest.h>

namespace signalbox::sim {
namespace {

TEST(SimClock, StandsStillUntilItIsMoved) {
  Clock clock{Instant{from_ms(5)}, {1000}};
  EXPECT_EQ(clock.now(), Instant{from_ms(5)});
  EXPECT_EQ(clock.wall().unix_ms, 1000);
  clock.advance(from_ms(10));
  EXPECT_EQ(clock.now(), Instant{from_ms(15)});
  EXPECT_EQ(clock.wall().unix_ms, 1010);
}

TEST(SimClock, NeverGoesBack) {
  Clock clock;
  clock.advance_to(Instant{from_ms(10)});
  clock.advance_to(Instant{from_ms(4)});
  EXPECT_EQ(clock.now(), Instant{from_ms(10)});
}

}  // namespace
}  // namespace signalbox::sim
