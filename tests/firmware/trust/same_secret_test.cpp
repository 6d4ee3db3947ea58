#include "trust/same_secret.hpp"

#include <gtest/gtest.h>

namespace signalbox::trust {
namespace {

TEST(SameSecret, IsTheWholeOfItAndNothingElse) {
  EXPECT_TRUE(same_secret("abc", "abc"));
  for (const char* other : {"", "ab", "abcd", "abC", "Abc"}) EXPECT_FALSE(same_secret("abc", other)) << other;
  EXPECT_FALSE(same_secret("", "")) << "none is not a secret";
}

}  // namespace
}  // namespace signalbox::trust
