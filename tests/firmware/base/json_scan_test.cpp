#include "base/json_scan.hpp"

#include <gtest/gtest.h>
#include <span>
#include <string>

#include "firmware/protocol/tree.hpp"

namespace signalbox {
namespace {

using protocol::parse;
using protocol::Parsed;

std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

TEST(JsonScan, TakesWhatRfc8259Has) {
  const std::string right[] = {
      "null",
      "true",
      " false\r\n\t",
      "0",
      "-0",
      "10",
      "-1.5e-3",
      "1E-2",
      "2E+10",
      "1e999",
      "\"\"",
      R"("\"\\\/\b\f\n\r\tA😀")",
      "\"\xC3\xA9\xF0\x9F\x98\x80\x7F\"",
      "[]",
      "{}",
      "[ 1 , [ ] , { } ]",
      R"({"a":1,"b":{"c":[true,null]},"":"x"})",
      nested(JsonDocument::kLevelsMax),
      std::string(JsonDocument::kNumberBytesMax, '1'),
  };
  for (const std::string& text : right) EXPECT_NE(parse(text), nullptr) << text;
}

struct Wrong {
  std::string text;
  JsonFault fault;
  std::size_t at;
};

void expect_wrong(std::span<const Wrong> wrong) {
  for (const Wrong& one : wrong) {
    const Parsed read = parse(one.text);
    EXPECT_EQ(read, nullptr) << one.text;
    EXPECT_EQ(read.document().fault(), one.fault) << one.text << " at " << read.document().fault_at();
    EXPECT_EQ(read.document().fault_at(), one.at) << one.text;
  }
}

TEST(JsonScan, KnowsWhereAndWhyItIsNone) {
  const std::size_t levels = JsonDocument::kLevelsMax;
  const Wrong wrong[] = {
      {"", JsonFault::value, 0},
      {"  ", JsonFault::value, 2},
      {"{", JsonFault::name_or_end, 1},
      {"{\"a\"", JsonFault::colon, 4},
      {"{\"a\" 1}", JsonFault::colon, 5},
      {"{\"a\":", JsonFault::value, 5},
      {"{\"a\":}", JsonFault::value, 5},
      {"{\"a\":1", JsonFault::end_of_object, 6},
      {"{\"a\":1,}", JsonFault::name, 7},
      {"{\"a\":1 \"b\":2}", JsonFault::end_of_object, 7},
      {"{,}", JsonFault::name_or_end, 1},
      {"{a:1}", JsonFault::name_or_end, 1},
      {"{1:1}", JsonFault::name_or_end, 1},
      {"[1,]", JsonFault::value, 3},
      {"[,1]", JsonFault::value_or_end, 1},
      {"[1 2]", JsonFault::end_of_array, 3},
      {"[1}", JsonFault::end_of_array, 2},
      {"[", JsonFault::value_or_end, 1},
      {"]", JsonFault::value, 0},
      {"{} {}", JsonFault::end, 3},
      {"{}]", JsonFault::end, 2},
      {"1,", JsonFault::end, 1},
      {"nul", JsonFault::value, 0},
      {"nulll", JsonFault::end, 4},
      {"True", JsonFault::value, 0},
      {"'a'", JsonFault::value, 0},
      {"NaN", JsonFault::value, 0},
      {"/**/1", JsonFault::value, 0},
      {"\x0B"
       "1",
       JsonFault::value, 0},
      {"\xC2\xA0"
       "1",
       JsonFault::value, 0},
      {"\xEF\xBB\xBF{}", JsonFault::value, 0},
      {std::string("\0{}", 3), JsonFault::value, 0},
      {std::string("{}\0", 3), JsonFault::end, 2},
      {nested(levels + 1), JsonFault::fewer_levels, levels},
      {nested(100'000), JsonFault::fewer_levels, levels},
      {std::string(levels, '[') + "{}", JsonFault::fewer_levels, levels},
  };
  expect_wrong(wrong);
}

TEST(JsonScan, KnowsWhatIsNoNumber) {
  const Wrong wrong[] = {
      {"01", JsonFault::no_zero, 1},  {"-01", JsonFault::no_zero, 2},
      {"00", JsonFault::no_zero, 1},  {"+1", JsonFault::value, 0},
      {".5", JsonFault::value, 0},    {"-", JsonFault::digit, 1},
      {"-a", JsonFault::digit, 1},    {"--1", JsonFault::digit, 1},
      {"1.", JsonFault::digit, 2},    {"1.e1", JsonFault::digit, 2},
      {"1e", JsonFault::digit, 2},    {"1e+", JsonFault::digit, 3},
      {"1e+-1", JsonFault::digit, 3}, {"0x1", JsonFault::end, 1},
      {"1_000", JsonFault::end, 1},   {std::string(64, '1'), JsonFault::shorter_number, 64},
  };
  expect_wrong(wrong);
}

TEST(JsonScan, KnowsWhatIsNoText) {
  const Wrong wrong[] = {
      {"\"a", JsonFault::quote, 2},
      {"\"a\\\"", JsonFault::quote, 4},
      {"\"a\nb\"", JsonFault::no_control, 2},
      {std::string("\"\0\"", 3), JsonFault::no_control, 1},
      {"\"\x1F\"", JsonFault::no_control, 1},
      {R"("\x")", JsonFault::escape, 2},
      {R"("\U0041")", JsonFault::escape, 2},
      {"\"\\", JsonFault::escape, 2},
      {std::string("\"\\\0\"", 4), JsonFault::escape, 2},
      {R"("\u00g0")", JsonFault::hex_digit, 5},
      {R"("\u12")", JsonFault::hex_digit, 5},
      {R"("\u)", JsonFault::hex_digit, 3},
      {R"("\u 041")", JsonFault::hex_digit, 3},
      {R"("\u0000")", JsonFault::no_null, 7},
      {R"("\ud83d")", JsonFault::low_surrogate, 7},
      {R"("\ud83dx")", JsonFault::low_surrogate, 7},
      {R"("\ud83d\n")", JsonFault::low_surrogate, 7},
      {R"("\ud83d\u0041")", JsonFault::low_surrogate, 13},
      {R"("\ud83d\ud83d")", JsonFault::low_surrogate, 13},
      {R"("\ud83d\ude0")", JsonFault::low_surrogate, 12},
      {R"("\ude00")", JsonFault::high_surrogate, 7},
      {"\"\x80\"", JsonFault::utf8, 1},
      {"\"\xC3\"", JsonFault::utf8, 1},
      {"\"\xC0\xAF\"", JsonFault::utf8, 1},
      {"\"\xE0\x80\xAF\"", JsonFault::utf8, 1},
      {"\"\xED\xA0\x80\"", JsonFault::utf8, 1},
      {"\"\xF4\x90\x80\x80\"", JsonFault::utf8, 1},
      {"\"\xFF\"", JsonFault::utf8, 1},
  };
  expect_wrong(wrong);
}

TEST(JsonScan, NoPrefixAndNoTextWithAByteLostIsTakenForMore) {
  const std::string text = R"({"a":[1,-2.5e3,"\u00e9\n",{"b":null}],"c":{"d":true,"\ud83d\ude00":"é"}})";
  EXPECT_NE(parse(text), nullptr);
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(parse(text.substr(0, size)), nullptr) << size;
    EXPECT_LE(parse(text.substr(0, size)).document().fault_at(), size);
  }
}

TEST(JsonScan, EveryByteThatIsWrongOutsideOfTextsIs) {
  constexpr std::string_view kRight = " \t\r\n";
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool right = c != '\0' && kRight.find(c) != std::string_view::npos;
    for (const std::string& text :
         {c + std::string{"[]"}, std::string{"[]"} + c, std::string{"[1"} + c + ",1]"}) {
      const bool is_digit = text[1] == '1' && c >= '0' && c <= '9';
      EXPECT_EQ(parse(text) != nullptr, right || is_digit) << byte << " " << text;
    }
  }
}

}  // namespace
}  // namespace signalbox
