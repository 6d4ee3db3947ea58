#include "trust/login_throttle.hpp"

#include <array>
#include <gtest/gtest.h>

namespace signalbox::trust {
namespace {

constexpr Instant kStart{from_ms(1'000'000)};
constexpr std::uint64_t kHere = 11;
constexpr std::uint64_t kThere = 12;
constexpr std::uint32_t kFree = 3;
using Slowed = LoginThrottle::Slowed;

class LoginThrottleTest : public ::testing::Test {
 protected:
  /// How long an attempt has to wait, in ms; 0: not at all.
  std::uint32_t wait(std::uint64_t network, std::string_view account, Instant now) const {
    const Result<void> allowed = throttle.allow(network, account, now);
    if (allowed) return 0;
    EXPECT_EQ(allowed.error().reason, Reason::busy);
    return allowed.error().retry_after_ms;
  }
  void fail(int times, std::uint64_t network, std::string_view account, Instant now = kStart) {
    for (int i = 0; i < times; ++i) throttle.failed(network, account, now);
  }

  std::array<LoginThrottle::Record, 4> records{};
  std::array<std::uint64_t, 2> known{};
  LoginThrottle throttle{{records, known}, kFree};
};

TEST_F(LoginThrottleTest, AFewAreFreeThenEachDoublesTheWait) {
  fail(kFree, kHere, "");
  EXPECT_EQ(wait(kHere, "", kStart), 0U);
  Instant now = kStart;
  for (const std::uint32_t delay_ms : {1000U, 2000U, 4000U, 8000U, 16000U}) {
    throttle.failed(kHere, "", now);
    EXPECT_EQ(wait(kHere, "", now), delay_ms + 1);
    EXPECT_EQ(wait(kThere, "", now), 0U) << "nobody else waits";
    now += from_ms(delay_ms);
    EXPECT_EQ(wait(kHere, "", now - from_ms(1)), 2U);
    EXPECT_EQ(wait(kHere, "", now), 0U);
  }
  for (int i = 0; i < 100; ++i) throttle.failed(kHere, "", now);
  EXPECT_EQ(wait(kHere, "", now), 60'001U) << "never longer";
  EXPECT_EQ(throttle.failures(), 108U);
  EXPECT_EQ(throttle.put_off(), 11U);
}

TEST_F(LoginThrottleTest, IsToldWhenItBegins) {
  for (std::uint32_t i = 0; i < kFree; ++i) EXPECT_EQ(throttle.failed(kHere, "", kStart), Slowed::nobody);
  EXPECT_EQ(throttle.failed(kHere, "", kStart), Slowed::network);
  EXPECT_EQ(throttle.failed(kHere, "", kStart), Slowed::nobody);
  const Instant soon = kStart + LoginThrottle::kToldEvery;
  for (std::uint32_t i = 0; i <= kFree; ++i)
    EXPECT_EQ(throttle.failed(kThere, "", soon - from_ms(1)), Slowed::nobody);
  for (std::uint32_t i = 0; i <= kFree; ++i)
    EXPECT_EQ(throttle.failed(77, "", soon), i == kFree ? Slowed::network : Slowed::nobody);
}

TEST_F(LoginThrottleTest, OfAnAccountItIsToldAsWell) {
  const std::uint64_t free = kFree * LoginThrottle::kAccountFactor;
  for (std::uint64_t i = 0; i < free; ++i)
    EXPECT_EQ(throttle.failed(100U + i, "owner", kStart), Slowed::nobody);
  EXPECT_EQ(throttle.failed(99, "owner", kStart), Slowed::account);
  EXPECT_EQ(throttle.failed(98, "owner", kStart), Slowed::nobody);
}

TEST_F(LoginThrottleTest, OneIsForgivenEveryHalfMinute) {
  fail(kFree + 2, kHere, "");
  const Instant later = kStart + 2 * LoginThrottle::kForgiveEvery;
  EXPECT_EQ(throttle.failed(kHere, "", later + LoginThrottle::kForgiveEvery), Slowed::nobody)
      << "as the third";
  EXPECT_EQ(wait(kHere, "", later + LoginThrottle::kForgiveEvery), 0U);
}

TEST_F(LoginThrottleTest, ARightOneBetweenWrongOnesForgivesNothing) {
  for (std::uint32_t i = 0; i < kFree + 1; ++i) {
    throttle.failed(kHere, "", kStart);
    throttle.succeeded(kHere, "mine");
  }
  EXPECT_EQ(wait(kHere, "mine", kStart), 1001U);
}

TEST_F(LoginThrottleTest, AnAccountIsSlowedForWhoeverFailed) {
  fail(kFree, kHere, "");
  const int free = static_cast<int>(kFree * LoginThrottle::kAccountFactor);
  for (int i = 0; i < free; ++i) throttle.failed(100U + static_cast<unsigned>(i), "owner", kStart);
  EXPECT_EQ(wait(kHere, "owner", kStart), 0U);
  throttle.failed(99, "owner", kStart);
  EXPECT_EQ(wait(kHere, "owner", kStart), 1001U);
  EXPECT_EQ(wait(kHere, "other", kStart), 0U);
  for (int i = 0; i < 50; ++i) throttle.failed(200U + static_cast<unsigned>(i), "owner", kStart);
  EXPECT_EQ(wait(kHere, "owner", kStart), 4001U) << "mildly";
}

TEST_F(LoginThrottleTest, FromWhereNothingFailedAnAccountIsOpenHoweverOftenStrangersFail) {
  for (int i = 0; i < 50; ++i) throttle.failed(200U + static_cast<unsigned>(i), "owner", kStart);
  EXPECT_EQ(wait(kHere, "owner", kStart), 0U);
  fail(2, kHere, "");
  EXPECT_EQ(wait(kHere, "owner", kStart), 4001U);
  const Instant forgiven = kStart + 2 * LoginThrottle::kForgiveEvery;
  for (int i = 0; i < 50; ++i) throttle.failed(300, "owner", forgiven - from_ms(1));
  EXPECT_EQ(wait(kHere, "owner", forgiven - from_ms(1)), 4001U);
  EXPECT_EQ(wait(kHere, "owner", forgiven), 0U);
}

TEST_F(LoginThrottleTest, WhoUsedAnAccountBeforeIsNotShutOutByStrangers) {
  throttle.succeeded(kHere, "owner");
  for (int i = 0; i < 50; ++i) throttle.failed(200U + static_cast<unsigned>(i), "owner", kStart);
  for (const std::uint64_t network : {kHere, kThere}) fail(kFree, network, "");
  EXPECT_EQ(wait(kHere, "owner", kStart), 0U);
  EXPECT_EQ(wait(kThere, "owner", kStart), 4001U);
  fail(1, kHere, "owner");
  EXPECT_EQ(wait(kHere, "owner", kStart), 1001U) << "its own failures count";
}

TEST_F(LoginThrottleTest, ManyNetworksDoNotPushOutThoseThatFailedOften) {
  fail(kFree + 1, kHere, "");
  for (int i = 0; i < 1000; ++i) throttle.failed(1000U + static_cast<unsigned>(i), "", kStart);
  EXPECT_EQ(wait(kHere, "", kStart), 1001U);
}

TEST_F(LoginThrottleTest, NoFreeFailuresIsNoThrottle) {
  LoginThrottle none{{records, known}, 0};
  for (int i = 0; i < 100; ++i) EXPECT_EQ(none.failed(kHere, "owner", kStart), Slowed::nobody);
  EXPECT_TRUE(none.allow(kHere, "owner", kStart));
  EXPECT_EQ(none.failures(), 100U);
  LoginThrottle without_memory{{}, kFree};
  for (int i = 0; i < 100; ++i) EXPECT_EQ(without_memory.failed(kHere, "owner", kStart), Slowed::nobody);
  without_memory.succeeded(kHere, "owner");
  EXPECT_TRUE(without_memory.allow(kHere, "owner", kStart));
}

TEST_F(LoginThrottleTest, WhoNamesNoAccountTakesNoPlaceOfThoseWhoDo) {
  throttle.succeeded(kHere, "owner");
  throttle.succeeded(kThere, "");
  EXPECT_EQ(known[1], 0U);
}

}  // namespace
}  // namespace signalbox::trust
