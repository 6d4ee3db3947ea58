#include "sim/dice.hpp"

#include <array>
#include <gtest/gtest.h>

namespace signalbox::sim {
namespace {

TEST(Dice, ThrowsTheSameForTheSameSeed) {
  Dice one{42};
  Dice same{42};
  Dice other{43};
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t thrown = one.next();
    EXPECT_EQ(thrown, same.next());
    differs |= thrown != other.next();
  }
  EXPECT_TRUE(differs);
}

TEST(Dice, ThrowsWhatSplitMix64IsPublishedToThrow) {
  Dice dice{1234567};
  EXPECT_EQ(dice.next(), 6457827717110365317U);
  EXPECT_EQ(dice.next(), 3203168211198807973U);
}

TEST(Dice, KeepsToItsSides) {
  Dice dice{1};
  std::array<int, 6> seen{};
  for (int i = 0; i < 6000; ++i) ++seen.at(dice.below(6U));
  for (const int times : seen) {
    EXPECT_GT(times, 800);
    EXPECT_LT(times, 1200);
  }
  EXPECT_EQ(dice.below(0), 0);
  EXPECT_EQ(dice.below(-5), 0);
  for (int i = 0; i < 1000; ++i) {
    const double fraction = dice.fraction();
    EXPECT_GE(fraction, 0.0);
    EXPECT_LT(fraction, 1.0);
  }
  EXPECT_FALSE(dice.chance(0.0));
  EXPECT_TRUE(dice.chance(1.0));
}

}  // namespace
}  // namespace signalbox::sim
