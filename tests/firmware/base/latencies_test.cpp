#include "base/latencies.hpp"

#include <gtest/gtest.h>

namespace signalbox {
namespace {

constexpr Duration us(std::int64_t count) { return std::chrono::microseconds{count}; }

TEST(Latencies, NoneAreZero) {
  const Latencies none;
  EXPECT_EQ(none.quantile_us(0.5), 0U);
  EXPECT_EQ(none.longest_us(), 0U);
}

TEST(Latencies, AQuantileIsAtMostAnEighthTooHigh) {
  for (std::int64_t taken = 1; taken < 3'600'000'000; taken = taken * 17 / 16 + 1) {
    Latencies latencies;
    latencies.add(us(taken));
    latencies.add(us(3'600'000'000));
    const auto told = static_cast<std::int64_t>(latencies.quantile_us(0.5));
    EXPECT_GE(told, taken);
    EXPECT_LE(told, taken + taken / 8) << taken;
  }
}

TEST(Latencies, TheRareOnesAreSeen) {
  Latencies latencies;
  for (int i = 0; i < 9998; ++i) latencies.add(us(40));
  latencies.add(us(900));
  latencies.add(us(12'345));
  EXPECT_EQ(latencies.count(), 10'000U);
  EXPECT_LE(latencies.quantile_us(0.99), 44U);
  EXPECT_LE(latencies.quantile_us(0.50001), 44U);
  EXPECT_GE(latencies.quantile_us(0.9999), 900U);
  EXPECT_LT(latencies.quantile_us(0.9999), 1013U);
  EXPECT_EQ(latencies.quantile_us(1.0), 12'345U);
  EXPECT_EQ(latencies.longest_us(), 12'345U);
}

TEST(Latencies, AQuantileIsNeverTooLow) {
  Latencies latencies;
  for (const std::int64_t taken : {1, 2, 7}) latencies.add(us(taken));
  EXPECT_EQ(latencies.quantile_us(0.5), 2U);
  EXPECT_EQ(latencies.quantile_us(0.9), 7U);
}

TEST(Latencies, WhatIsBeyondMeasureCountsAsAnHour) {
  Latencies latencies;
  latencies.add(us(-5));
  latencies.add(us(36'000'000'000));
  EXPECT_EQ(latencies.quantile_us(0.5), 0U);
  EXPECT_EQ(latencies.longest_us(), 3'600'000'000U);
}

TEST(Latencies, CountsWhatStaysBelowAPowerOfTwo) {
  Latencies latencies;
  for (const std::int64_t taken : {0, 7, 8, 1023, 1024, 1'048'575, 1'048'576}) latencies.add(us(taken));
  EXPECT_EQ(latencies.below_us(3), 2U);
  EXPECT_EQ(latencies.below_us(4), 3U);
  EXPECT_EQ(latencies.below_us(10), 4U);
  EXPECT_EQ(latencies.below_us(11), 5U);
  EXPECT_EQ(latencies.below_us(20), 6U);
  EXPECT_EQ(latencies.below_us(31), 7U);
  EXPECT_EQ(latencies.sum_us(), 7U + 8 + 1023 + 1024 + 1'048'575 + 1'048'576);
}

}  // namespace
}  // namespace signalbox
