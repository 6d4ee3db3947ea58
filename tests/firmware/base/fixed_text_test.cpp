#include "base/fixed_text.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

namespace signalbox {
namespace {

using Text = FixedText<8>;

/// Any text of whole characters, of one to four bytes each.
std::string any_text() {
  const auto characters = *rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("a", "/", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x9A\x82"));
  std::string text;
  for (const std::string& character : characters) text += character;
  return text;
}

/// The most whole characters of `text` that fit `capacity` bytes.
std::string cut(const std::string& text, std::size_t capacity) {
  std::size_t size = std::min(capacity, text.size());
  while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) >> 6U) == 2U) --size;
  return text.substr(0, size);
}

RC_GTEST_PROP(FixedText, KeepsAsManyWholeCharactersAsFit, ()) {
  const std::string text = any_text();
  Text fixed;
  RC_ASSERT(fixed.assign(text) == (text.size() <= Text::capacity));
  RC_ASSERT(fixed.view() == cut(text, Text::capacity));
  RC_ASSERT(fixed.size() == fixed.view().size());
  RC_ASSERT(fixed.empty() == text.empty());
  RC_ASSERT(std::string{fixed.c_str()} == fixed.view());
}

RC_GTEST_PROP(FixedText, FormattedTextIsCutLikeAnyOther, ()) {
  const std::string text = any_text();
  RC_ASSERT(format_text<8>("%s", text.c_str()).view() == cut(text, 8));
}

TEST(FixedText, Formats) { EXPECT_EQ(format_text<16>("%s=%d", "a", 42).view(), "a=42"); }

TEST(FixedText, AShorterOneLeavesNothingOfTheLonger) {
  Text text{"longer"};
  text.assign("a");
  EXPECT_EQ(text, Text{"a"});
  EXPECT_STREQ(text.c_str(), "a");
  text.clear();
  EXPECT_TRUE(text.empty());
  EXPECT_STREQ(text.c_str(), "");
}

TEST(FixedText, ComparesByContent) {
  EXPECT_EQ(Text{"abc"}, Text{"abc"});
  EXPECT_NE(Text{"abc"}, Text{"abd"});
  EXPECT_NE(Text{"abc"}, Text{"ab"});
}

TEST(FixedText, AnOverlongRunOfContinuationBytesIsCutToNothing) {
  EXPECT_TRUE(Text{std::string(20, '\x80')}.empty());
}

}  // namespace
}  // namespace signalbox
