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

TEST(HeaderList, TakesElementsInTheirOrder) {
  std::string_view list = " one ,two,\t three";
  EXPECT_EQ(next_element(list), "one");
  EXPECT_EQ(next_element(list), "two");
  EXPECT_EQ(next_element(list), "three");
  EXPECT_TRUE(list.empty());
}

}  // namespace
}  // namespace signalbox::link
