#include "base/token_bucket.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace signalbox {
namespace {

constexpr Instant kStart{from_ms(5000)};

TEST(TokenBucket, GivesABurstAndThenSoManyASecond) {
  TokenBucket bucket;
  const Rate rate{.per_s = 10, .burst = 3};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bucket.take(rate, kStart), Duration{});
  EXPECT_EQ(bucket.take(rate, kStart), from_ms(100)) << "how long until the next";
  EXPECT_EQ(bucket.take(rate, kStart + from_ms(99)), from_ms(1)) << "asking cost nothing";
  EXPECT_EQ(bucket.take(rate, kStart + from_ms(100)), Duration{});
  EXPECT_FALSE(bucket.is_full(kStart + from_ms(399)));
  EXPECT_TRUE(bucket.is_full(kStart + from_ms(400)));
}

TEST(TokenBucket, HoldsNoMoreThanABurstHoweverLongItRested) {
  TokenBucket bucket;
  const Rate rate{.per_s = 10, .burst = 3};
  EXPECT_EQ(bucket.take(rate, kStart + from_ms(3'600'000), 3), Duration{});
  EXPECT_EQ(bucket.take(rate, kStart + from_ms(3'600'000)), from_ms(100));
}

TEST(TokenBucket, WhatIsOwedHasToComeInFirst) {
  TokenBucket bucket;
  const Rate rate{.per_s = 1000, .burst = 100};
  bucket.charge(rate, kStart, 100);
  EXPECT_EQ(bucket.owed(rate, kStart), Duration{});
  bucket.charge(rate, kStart, 50);
  EXPECT_EQ(bucket.owed(rate, kStart), from_ms(50));
  EXPECT_EQ(bucket.take(rate, kStart), from_ms(51));
  EXPECT_EQ(bucket.owed(rate, kStart + from_ms(50)), Duration{});
}

TEST(TokenBucket, NoRateIsNoLimit) {
  TokenBucket bucket;
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(bucket.take({}, kStart), Duration{});
  bucket.charge({}, kStart, 1'000'000);
  EXPECT_EQ(bucket.owed({}, kStart), Duration{});
}

/// However it is asked, in no stretch of time does it give more than the burst and what came in meanwhile.
RC_GTEST_PROP(TokenBucket, NeverGivesMoreThanItHas, ()) {
  const Rate rate{.per_s = *rc::gen::inRange(1U, 1000U), .burst = *rc::gen::inRange(1U, 50U)};
  TokenBucket bucket;
  Instant now = kStart;
  std::uint64_t given = 0;
  for (int i = 0; i < 200; ++i) {
    now += Duration{*rc::gen::inRange(0, 20'000)};
    const auto count = *rc::gen::inRange(1U, rate.burst + 1);
    if (bucket.take(rate, now, count) == Duration{}) given += count;
    const auto came_us = static_cast<std::uint64_t>((now - kStart).count()) * rate.per_s;
    RC_ASSERT(given <= rate.burst + came_us / 1'000'000);
  }
}

}  // namespace
}  // namespace signalbox
