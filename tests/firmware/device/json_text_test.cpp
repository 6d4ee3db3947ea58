#include "device/json_text.hpp"

#include <array>
#include <gtest/gtest.h>
#include <ostream>
#include <string>
#include <vector>

namespace signalbox::device {

std::ostream& operator<<(std::ostream& out, TextPlace place) {
  return out << place.line << ":" << place.column;
}

namespace {

TEST(JsonText, TakesWhatRfc8259Allows) {
  for (const std::string_view text :
       {"{}", "[]", " [ ] ", "\r\n\t{}\n", "null", "true", "false", "0", "-0", "10", "-1.50e+3", "1E-2",
        "\"\"", R"("\" \\ \/ \b \f \n \r \t \u00e9 \ud83d\ude00")", "\"\xC3\xA9\xF0\x9F\x98\x80\"",
        R"({"a":[1,{"b":[]}],"c":{}})", "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]"})
    EXPECT_FALSE(JsonText{text}.check().has_value()) << text;
}

TEST(JsonText, TellsWhereAndWhyItStops) {
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
  };
  for (const Row& row : rows) {
    const auto mistake = JsonText{row.text}.check();
    ASSERT_TRUE(mistake.has_value()) << row.text;
    EXPECT_EQ(mistake->place, row.place) << row.text;
    EXPECT_EQ(mistake->found.view(), row.found) << row.text;
    EXPECT_EQ(mistake->expected, row.expected) << row.text;
  }
}

TEST(JsonText, SurvivesEveryPrefix) {
  const std::string_view text = R"({"a": [1, -2.5e3, "\u00e9\n", {"b": null}], "c": {"d": true}})";
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_TRUE(JsonText{text.substr(0, size)}.check().has_value()) << size;
}

TEST(JsonText, FindsTheLinesAgain) {
  const JsonText text{R"(
  {
    "a": 1,
    "é": "{[,", "b": [
      10, [20,
      21], {"c": "x"}
    ],
    "a": 2
  }
)"};
  using Way = std::vector<std::uint16_t>;
  EXPECT_EQ(text.locate(Way{}), (TextPlace{2, 3}));
  EXPECT_EQ(text.locate(Way{0}), (TextPlace{3, 5}));
  EXPECT_EQ(text.locate(Way{1}), (TextPlace{4, 5}));
  EXPECT_EQ(text.locate(Way{2}), (TextPlace{4, 17}));  // columns count characters
  EXPECT_EQ(text.locate(Way{2, 0}), (TextPlace{5, 7}));
  EXPECT_EQ(text.locate(Way{2, 1}), (TextPlace{5, 11}));
  EXPECT_EQ(text.locate(Way{2, 1, 1}), (TextPlace{6, 7}));
  EXPECT_EQ(text.locate(Way{2, 2, 0}), (TextPlace{6, 13}));
  EXPECT_EQ(text.locate(Way{3}), (TextPlace{8, 5}));
}

}  // namespace
}  // namespace signalbox::device
