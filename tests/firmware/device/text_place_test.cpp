#include "device/text_place.hpp"

#include <gtest/gtest.h>
#include <ostream>
#include <string>
#include <vector>

namespace signalbox::device {

std::ostream& operator<<(std::ostream& out, TextPlace place) {
  return out << place.line << ":" << place.column;
}

namespace {

TEST(TextPlace, TellsWhereAndWhyTheTextIsNoJson) {
  struct Row {
    std::string text;
    TextPlace place;
    std::string_view found;
    std::string_view expected;
  };
  const std::string value = "a value: a text in double quotes, a number, true, false, null, `[` or `{`";
  const std::string deep(17, '[');
  const std::vector<Row> rows{
      {"", {1, 1}, "the end of the file", value},
      {"{\n  \"a\": 1,\n}", {3, 1}, "`}`", "a member's name in double quotes"},
      {"{\n  \"a\": 1\n  \"b\": 2\n}", {3, 3}, "`\"`", "`,` or `}` after a member"},
      {"{a: 1}", {1, 2}, "`a`", "a member's name in double quotes"},
      {"{\"a\" 1}", {1, 6}, "`1`", "`:` after a member's name"},
      {"{\"a\": }", {1, 7}, "`}`", value},
      {"{\"a\": 1", {1, 8}, "the end of the file", "`,` or `}` after a member"},
      {"[1 2]", {1, 4}, "`2`", "`,` or `]` after an element"},
      {"[1,\n2,]", {2, 3}, "`]`", value},
      {"{} // comment", {1, 4}, "`/`", "nothing after the end of the outermost value"},
      {"{}\n{}", {2, 1}, "`{`", "nothing after the end of the outermost value"},
      {"'a'", {1, 1}, "`'`", value},
      {"True", {1, 1}, "`T`", value},
      {"nul", {1, 1}, "`n`", value},
      {"?", {1, 1}, "`?`", value},
      {"01", {1, 2}, "`1`", "a number without leading zeros"},
      {"-", {1, 2}, "the end of the file", "a digit"},
      {"1.", {1, 3}, "the end of the file", "a digit"},
      {"1e+x", {1, 4}, "`x`", "a digit"},
      {"+1", {1, 1}, "`+`", value},
      {"\"a", {1, 3}, "the end of the file", "`\"` at the end of a text"},
      {"[\"a\nb\"]",
       {1, 4},
       "the end of the line",
       "a text that ends on its line with `\"` (a line break inside is written \\n)"},
      {"\"\\x\"", {1, 3}, "`x`", "one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX"},
      {"\"\\u12g4\"", {1, 6}, "`g`", "four hexadecimal digits after \\u"},
      {"\"\\u0000\"", {1, 8}, "`\"`", "a text without \\u0000"},
      {"\"\\ud83d\"", {1, 8}, "`\"`", "the second half of a surrogate pair"},
      {"\"\\ud83d\\u0041\"", {1, 14}, "`\"`", "the second half of a surrogate pair"},
      {"\"\\ude00\"", {1, 8}, "`\"`", "the first half of a surrogate pair before the second"},
      {"\"\xC3\xA9\xFF\"", {1, 3}, "the byte 0xFF", "UTF-8"},
      {std::string{"[1]\0", 4}, {1, 4}, "the byte 0x00", "nothing after the end of the outermost value"},
      {std::string{"\"\0\"", 3},
       {1, 2},
       "the byte 0x00",
       "a text that ends on its line with `\"` (a line break inside is written \\n)"},
      {"\xEF\xBB\xBF{}", {1, 1}, "a byte order mark", value},
      {deep, {1, 17}, "`[`", "at most 16 levels"},
      {std::string(16, '[') + "{}", {1, 17}, "`{`", "at most 16 levels"},
      {std::string(64, '1'), {1, 65}, "the end of the file", "a number of at most 63 characters"},
  };
  for (const Row& row : rows) {
    const JsonDocument document{row.text};
    ASSERT_NE(document.fault(), JsonFault::none) << row.text;
    const Mistake mistake = syntax_mistake(document);
    EXPECT_EQ((TextPlace{mistake.line, mistake.column}), row.place) << row.text;
    EXPECT_EQ(mistake.found.view(), row.found) << row.text;
    EXPECT_EQ(mistake.expected.view(), row.expected) << row.text;
  }
}

TEST(TextPlace, CountsLinesAndCharacters) {
  constexpr std::string_view text = "a\n\xC3\xA9\xF0\x9F\x98\x80x\n\ny";
  EXPECT_EQ(place_of(text, 0), (TextPlace{1, 1}));
  EXPECT_EQ(place_of(text, 1), (TextPlace{1, 2})) << "the end of a line is on it";
  EXPECT_EQ(place_of(text, 2), (TextPlace{2, 1}));
  EXPECT_EQ(place_of(text, 8), (TextPlace{2, 3})) << "the third character";
  EXPECT_EQ(place_of(text, 10), (TextPlace{3, 1}));
  EXPECT_EQ(place_of(text, text.size()), (TextPlace{4, 2}));
}

}  // namespace
}  // namespace signalbox::device
