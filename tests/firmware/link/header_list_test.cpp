#include "link/header_list.hpp"

#include <gtest/gtest.h>

namespace signalbox::link {
namespace {

TEST(HeaderList, FindsWhatItHasInAnyCase) {
  EXPECT_TRUE(list_has("keep-alive, Upgrade", "upgrade"));
  EXPECT_TRUE(list_has("\tsignalbox.v1 ,other", "signalbox.v1"));
  EXPECT_TRUE(list_has(",,a,", "A"));
}

TEST(HeaderList, FindsNothingElse) {
  EXPECT_FALSE(list_has("", "a"));
  EXPECT_FALSE(list_has("upgraded, up grade", "upgrade"));
  EXPECT_FALSE(list_has("a;b", "a"));
}

TEST(HeaderList, SpaceAroundAValueIsNoneOfIt) {
  EXPECT_EQ(trimmed("\t a b \t"), "a b");
  EXPECT_EQ(trimmed(" \t"), "");
  EXPECT_EQ(trimmed("a"), "a");
}

TEST(HeaderList, KnowsAListOfTokens) {
  for (const std::string_view list : {"", "a", ",, a ,\tb-1.x,", "!#$%&'*+-.^_`|~"})
    EXPECT_TRUE(is_token_list(list)) << list;
  for (const std::string_view list : {"a b", "a, b c", "a;q=1", "\"a\"", "a=b, c", "a\x80"})
    EXPECT_FALSE(is_token_list(list)) << list;
}

TEST(HeaderList, TakesElementsInTheirOrder) {
  std::string_view list = " one ,two,\t three";
  EXPECT_EQ(next_element(list), "one");
  EXPECT_EQ(next_element(list), "two");
  EXPECT_EQ(next_element(list), "three");
  EXPECT_TRUE(list.empty());
}

}  // namespace
}  // namespace signalbox::link
