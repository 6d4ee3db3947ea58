#include "base/utf8.hpp"

#include <gtest/gtest.h>
#include <string>

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

TEST(Utf8, FindsTheFirstByteThatIsNotAsciiWhereverItIs) {
  for (std::size_t size = 0; size <= 80; ++size) {
    std::string text(size, '\x7F');
    EXPECT_EQ(ascii_bytes(text), size);
    for (std::size_t at = size; at-- > 0;) {  // others follow it
      text[at] = '\x80';
      EXPECT_EQ(ascii_bytes(text), at) << size;
    }
  }
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

TEST(Utf8, WhatControlsScreensIsFound) {
  const char* const controls[] = {
      "\x01",         "a\n",           "\x7F",         "\xC2\x80",     "\xC2\x9B",      // C0, DEL, C1 (CSI)
      "\xC2\x9F",     "\xE2\x80\xA8",  "\xE2\x80\xA9", "\xE2\x80\xAA", "\xE2\x80\xAE",  // U+2028 to U+202E
      "\xE2\x81\xA6", "x\xE2\x81\xA9", "no UTF-8 \xFF"};
  for (const char* text : controls) EXPECT_TRUE(has_controls(text)) << text;
  EXPECT_TRUE(has_controls({"\0", 1}));
  for (const char* text : {"", "Zo\xC3\xAB", "\xC2\xA0", "\xE2\x80\xA7", "\xE2\x80\xAF", "\xE2\x81\xA5",
                           "\xE2\x81\xAA", "\xF0\x9F\x98\x80"})
    EXPECT_FALSE(has_controls(text)) << text;
  EXPECT_FALSE(has_controls("a\n\tb", "\n\t"));
  EXPECT_TRUE(has_controls("a\rb", "\n\t"));
}

}  // namespace
}  // namespace signalbox
