#include "protocol/json_scan.hpp"

#include <array>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "firmware/protocol/tree.hpp"

namespace signalbox::protocol {
namespace {

std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

TEST(JsonScan, TakesWhatRfc8259Has) {
  const std::string right[] = {
      "null",
      "true",
      " false\r\n\t",
      "0",
      "-0",
      "-1.5e-3",
      "2E+10",
      "1e999",
      "\"\"",
      R"("\"\\\/\b\f\n\r\tA😀")",
      "\"\xC3\xA9\xF0\x9F\x98\x80\"",
      "[]",
      "{}",
      "[ 1 , [ ] , { } ]",
      R"({"a":1,"b":{"c":[true,null]},"":"x"})",
      nested(kNestingMax),
      std::string(kNumberBytesMax, '1'),
  };
  for (const std::string& text : right) {
    EXPECT_TRUE(scan_json(text, {}).has_value()) << text;
    EXPECT_NE(parse(text), nullptr) << text;
  }
}

struct Wrong {
  std::string text;
  const char* detail;
};

TEST(JsonScan, SaysWhereAndWhatIsWrong) {
  const Wrong wrong[] = {
      {"", "after 0 bytes: the text ends; expected a value"},
      {"  ", "after 2 bytes: the text ends; expected a value"},
      {"{", "after 1 bytes: the text ends; expected a member's name in quotes or '}'"},
      {"{\"a\"", "after 4 bytes: a member's name stands alone; expected ':' and a value"},
      {"{\"a\":", "after 5 bytes: the text ends; expected a value"},
      {"{\"a\":1", "after 6 bytes: the text ends; expected ',' or '}'"},
      {"{\"a\":1,}", "after 7 bytes: '}'; expected a member's name in quotes"},
      {"{a:1}", "after 1 bytes: 'a'; expected a member's name in quotes or '}'"},
      {"[1,]", "after 3 bytes: ']'; expected a value"},
      {"[1 2]", "after 3 bytes: '2'; expected ',' or ']'"},
      {"[1}", "after 2 bytes: '}'; expected ',' or ']'"},
      {"[", "after 1 bytes: the text ends; expected a value or ']'"},
      {"{} {}", "after 3 bytes: '{'; expected nothing more"},
      {"nul", "after 0 bytes: 'n'; expected a value"},
      {"'a'", "after 0 bytes: '''; expected a value"},
      {"\xEF\xBB\xBF{}", "after 0 bytes: byte 0xef; expected a value"},
      {std::string("\0{}", 3), "after 0 bytes: byte 0x00; expected a value"},
      {std::string("{}\0", 3), "after 2 bytes: byte 0x00; expected nothing more"},
      {"01", "after 1 bytes: '1'; expected nothing more"},
      {"+1", "after 0 bytes: '+'; expected a value"},
      {"-", "after 1 bytes: half a number; expected one such as -1.5 or 2e3"},
      {"1.", "after 2 bytes: half a number; expected one such as -1.5 or 2e3"},
      {"1e+", "after 3 bytes: half a number; expected one such as -1.5 or 2e3"},
      {std::string(64, '1'), "after 64 bytes: a number of more than 63 characters; expected a shorter one"},
      {"\"a", "after 2 bytes: the text ends; expected '\"'"},
      {"\"a\nb\"", "after 2 bytes: a control character in a text; expected it written as \\n or \\u000a"},
      {R"("\x")", "after 2 bytes: a wrong escape; expected \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\uXXXX"},
      {"\"\\", "after 2 bytes: a wrong escape; expected \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\uXXXX"},
      {"\"\\u00g0\"", "after 2 bytes: a wrong escape; expected \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\uXXXX"},
      {"\"\\u0000\"", "after 7 bytes: \\u0000 in a text; expected text without zero characters"},
      {"\"\\ud83d\"", "after 7 bytes: half a surrogate pair; expected both halves, such as \\ud83d\\ude00"},
      {"\"\\ud83d\\u0041\"",
       "after 13 bytes: half a surrogate pair; expected both halves, such as \\ud83d\\ude00"},
      {"\"\\ude00\"", "after 7 bytes: a wrong escape; expected \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\uXXXX"},
      {"\"\xC0\xAF\"", "after 1 bytes: a byte that is not UTF-8; expected UTF-8 text"},
      {"\"\xED\xA0\x80\"", "after 1 bytes: a byte that is not UTF-8; expected UTF-8 text"},
      {nested(kNestingMax + 1), "after 16 bytes: nested deeper than 16; expected no more than 16 levels"},
  };
  for (const Wrong& one : wrong) {
    const Result<void> scanned = scan_json(one.text, {});
    ASSERT_FALSE(scanned.has_value()) << one.text;
    EXPECT_EQ(scanned.error().reason, Reason::malformed);
    EXPECT_EQ(scanned.error().detail.view(), one.detail) << one.text;
  }
}

TEST(JsonScan, SavesMembersOfTheOutermostObjectOnly) {
  const auto saved = [](std::string_view text) {
    std::array<Salvage, 1> salvage{Salvage{"msgId", {}}};
    (void)scan_json(text, salvage);
    return std::string{salvage[0].text} + (salvage[0].is_number ? "#" : "") +
           (salvage[0].times > 1 ? " and again" : "");
  };
  EXPECT_EQ(saved(R"({"msgId":"c-1","x":)"), "c-1");
  EXPECT_EQ(saved(R"({"msgId":"c-1","msgId":"c-2"})"), "c-1 and again");
  EXPECT_EQ(saved(R"({"msgId":null,"msgId":"c-2"})"), "c-2 and again");
  EXPECT_EQ(saved(R"({"x":{"msgId":"c-1"}})"), "");
  EXPECT_EQ(saved(R"({"msgId":["c-1"]})"), "");
  EXPECT_EQ(saved(R"({"msgId":"c\n1"})"), "");
  EXPECT_EQ(saved(R"({"msgId": -1.50e+3 ,"x":)"), "-1.50e+3#") << "as it was sent";
  EXPECT_EQ(saved(R"({"msgId":1.)"), "");
  EXPECT_EQ(saved(R"({"msgId":[17],"x":17})"), "");
  EXPECT_EQ(saved(R"({"msgId":"c-1)"), "");
  EXPECT_EQ(saved(R"(["msgId","c-1"])"), "");
}

using Edits = std::vector<std::pair<std::uint16_t, std::uint8_t>>;

/// JSON with a few scraps of JSON written over it: far nearer to JSON than random bytes are.
std::string edited(const Edits& edits) {
  constexpr std::array<std::string_view, 28> scraps{
      "{",       "}",        "[",    "]",    ",",    ":",     "\"a\"", "\"b\"", "1",  "-",
      "0",       ".5",       "e3",   "true", "null", " ",     "\"",    "\\u00", "41", "\\ud83d",
      "\\ude00", "\xC3\xA9", "\xC3", "\\n",  "\n",   "false", "[]",    "{}"};
  std::string text = R"({"a":[1,-2.5e3,{"b":"\u00e9x","c":null}],"d":{"e":[[],true]},"f":"\ud83d\ude00"})";
  for (const auto& [place, scrap] : edits)
    text.replace(place % text.size(), place % 3U, scraps[scrap % scraps.size()]);
  return text;
}

RC_GTEST_PROP(JsonScanProperty, WhatItTakesTheParserTakes, (const Edits& edits)) {
  const std::string text = edited(edits);
  const bool taken = scan_json(text, {}).has_value();
  RC_CLASSIFY(taken);
  if (taken) RC_ASSERT(parse(text) != nullptr);
}

RC_GTEST_PROP(JsonScanProperty, WhatAParserPrintsItTakes, (const Edits& edits)) {
  const Parsed tree = parse(edited(edits));
  // A parser that is laxer about UTF-8 prints what it took.
  if (tree != nullptr && edited(edits).find('\xC3') == std::string::npos)
    RC_ASSERT(scan_json(shown(tree.get()), {}).has_value());
}

}  // namespace
}  // namespace signalbox::protocol
