#include "base/error.hpp"

#include <algorithm>
#include <cctype>
#include <gtest/gtest.h>
#include <set>

namespace signalbox {
namespace {

TEST(Reason, EachHasAWordOfItsOwn) {
  std::set<std::string_view> words;
  for (std::size_t i = 0; i < kReasons; ++i) words.insert(wire_name(static_cast<Reason>(i)));
  EXPECT_EQ(words.size(), kReasons);
  for (const std::string_view word : words) {
    EXPECT_FALSE(word.empty());
    EXPECT_TRUE(std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isalpha(c); }))
        << word;
  }
  EXPECT_EQ(wire_name(Reason::malformed), "malformed");
  EXPECT_EQ(wire_name(Reason::out_of_range), "outOfRange");
  EXPECT_EQ(wire_name(Reason::internal), "internal");
}

TEST(Reason, TemporaryIsWhatTimeMayCure) {
  EXPECT_TRUE(is_temporary(Reason::busy));
  EXPECT_TRUE(is_temporary(Reason::overloaded));
  for (const Reason reason :
       {Reason::malformed, Reason::unauthenticated, Reason::forbidden, Reason::not_found,
        Reason::out_of_range, Reason::too_big, Reason::foreign_epoch})
    EXPECT_FALSE(is_temporary(reason)) << wire_name(reason);
}

}  // namespace
}  // namespace signalbox
