#include "base/result.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace signalbox {
namespace {

TEST(Result, HoldsAValue) {
  Result<std::string> result = std::string{"abc"};
  ASSERT_TRUE(result);
  EXPECT_TRUE(result.has_value());
  EXPECT_EQ(*result, "abc");
  EXPECT_EQ(result->size(), 3U);
  *result += "d";
  EXPECT_EQ(*std::as_const(result), "abcd");
}

TEST(Result, HoldsAnError) {
  const Result<int> result = Error{Reason::busy, "all taken", "payload.id", 250};
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, Reason::busy);
  EXPECT_EQ(result.error().detail.view(), "all taken");
  EXPECT_EQ(result.error().field.view(), "payload.id");
  EXPECT_EQ(result.error().retry_after_ms, 250U);
}

TEST(Result, TakesWhatCanOnlyBeMoved) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  ASSERT_TRUE(result);
  const std::unique_ptr<int> moved = std::move(*result);
  EXPECT_EQ(*moved, 7);
}

TEST(Result, OfNothing) {
  EXPECT_TRUE(Result<void>{});
  const Result<void> failed = Error{Reason::failed, "no"};
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().detail.view(), "no");
}

TEST(ResultDeathTest, TheWrongQuestionStops) {
  const Result<int> failed = Error{};
  const Result<int> good = 1;
  EXPECT_DEATH(*failed, "broken invariant: has_value()");
  EXPECT_DEATH(good.error(), "broken invariant: !has_value()");
  EXPECT_DEATH(Result<void>{}.error(), "broken invariant");
}

}  // namespace
}  // namespace signalbox
