#include "base/utf8.hpp"

#include <gtest/gtest.h>

namespace signalbox {
namespace {

TEST(Utf8, MeasuresCharactersOfEveryLength) {
  EXPECT_EQ(utf8_character_bytes("a"), 1U);
  EXPECT_EQ(utf8_character_bytes("\x7F"), 1U);
  EXPECT_EQ(utf8_character_bytes("\xC2\x80"), 2U);
  EXPECT_EQ(utf8_character_bytes("\xC3\xA9x"), 2U);
  EXPECT_EQ(utf8_character_bytes("\xE0\xA0\x80"), 3U);
  EXPECT_EQ(utf8_character_bytes("\xED\x9F\xBF"), 3U);
  EXPECT_EQ(utf8_character_bytes("\xEF\xBF\xBD"), 3U);
  EXPECT_EQ(utf8_character_bytes("\xF0\x90\x80\x80"), 4U);
  EXPECT_EQ(utf8_character_bytes("\xF4\x8F\xBF\xBF"), 4U);
}

TEST(Utf8, RefusesWhatRfc3629Forbids) {
  const char* const wrong[] = {
      "",                  // nothing
      "\x80",              // continuation alone
      "\xC0\xAF",          // overlong
      "\xC1\xBF",          // overlong
      "\xE0\x9F\xBF",      // overlong
      "\xF0\x8F\xBF\xBF",  // overlong
      "\xED\xA0\x80",      // surrogate
      "\xF4\x90\x80\x80",  // beyond U+10FFFF
      "\xF5\x80\x80\x80",  // beyond U+10FFFF
      "\xFF",              // never
      "\xC3",              // cut
      "\xE2\x82",          // cut
      "\xF0\x9F\x98",      // cut
      "\xC3x",             // no continuation
      "\xE2\x82x",         // no continuation
  };
  for (const char* text : wrong) EXPECT_EQ(utf8_character_bytes(text), 0U) << text;
}

}  // namespace
}  // namespace signalbox
