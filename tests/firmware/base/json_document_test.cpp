#include "base/json_document.hpp"

#include <array>
#include <cmath>
#include <cstdlib>
#include <gtest/gtest.h>
#include <limits>
#include <rapidcheck/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "firmware/base/no_documents.hpp"
#include "firmware/protocol/tree.hpp"

namespace signalbox {
namespace {

using protocol::parse;
using protocol::Parsed;
using protocol::shown;

TEST(JsonDocument, TellsTextsWithoutTheirEscapes) {
  const Parsed tree =
      parse(R"(["plain","","\"\\\/\b\f\n\r\t","a\u00e9b","\u20AC\ud83d\ude00\uFFFF\u0001","é\n"])");
  const auto text = [&tree](std::size_t i) { return tree->entry(i)->text(); };
  EXPECT_EQ(text(0), "plain");
  EXPECT_EQ(text(1), "");
  EXPECT_EQ(text(2), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(text(3),
            "a\xC3\xA9"
            "b");
  EXPECT_EQ(text(4), "\xE2\x82\xAC\xF0\x9F\x98\x80\xEF\xBF\xBF\x01");
  EXPECT_EQ(text(5), "\xC3\xA9\n");
  EXPECT_EQ(tree->entry(6), nullptr);
}

TEST(JsonDocument, FindsMembersByTheirNameHoweverItIsWritten) {
  const Parsed tree = parse(R"({"a":{"c":1,"d":[2,{"e":3}]},"b":"x","\u0063":null,"b":"y"})");
  EXPECT_EQ(tree->size(), 4U);
  EXPECT_EQ(shown(tree->member("a")), R"({"c":1,"d":[2,{"e":3}]})");
  EXPECT_EQ(shown(tree->member("b")), R"("x")") << "the first";
  EXPECT_EQ(tree->member("c")->kind(), JsonKind::null);
  EXPECT_EQ(tree->member("c")->name(), "c");
  EXPECT_EQ(tree->member("d"), nullptr) << "it is one of another object";
  EXPECT_EQ(tree->member("x"), nullptr) << "that is no name";
  EXPECT_EQ(tree->member("b")->member("x"), nullptr);
  EXPECT_EQ(tree->entry(0), nullptr) << "no array";
  EXPECT_EQ(shown(tree->member("a")->member("d")->entry(1)), R"({"e":3})");
}

TEST(JsonDocument, NumbersAreTheNearestThereIs) {
  for (const char* text : {"0",
                           "-0",
                           "7",
                           "-7",
                           "1.5",
                           "1e2",
                           "1E+2",
                           "25e-1",
                           "0.1",
                           "9007199254740993",
                           "1.7976931348623157e308",
                           "1.7976931348623159e308",
                           "1e309",
                           "-1e309",
                           "1e999999999999999999999",
                           "4.9e-324",
                           "2e-324",
                           "-1e-400",
                           "1e-99999999999999999999",
                           "0e999",
                           "123456789012345678901234567890123456789012345678901234567890123",
                           "0.000000000000000000000000000000000000000000000000001"}) {
    const double expected = std::strtod(text, nullptr);
    const Parsed tree = parse(text);
    ASSERT_NE(tree, nullptr) << text;
    const double found = tree->number();
    EXPECT_EQ(found, expected) << text;
    EXPECT_EQ(std::signbit(found), std::signbit(expected)) << text;
    EXPECT_EQ(tree->text(), text) << "as it was written";
  }
}

TEST(JsonDocument, KnowsWhereItsValuesBegin) {
  const std::string text = R"( {"a": [1, "\n"], "\u0062": "x"})";
  const JsonDocument document{text};
  std::vector<std::size_t> offsets;
  for (const JsonValue& value : document.values()) offsets.push_back(document.offset_of(value));
  EXPECT_EQ(offsets, (std::vector<std::size_t>{1, 2, 7, 8, 11, 18, 28}));
}

TEST(JsonDocument, KeepsWhatStandsBeforeAFault) {
  const auto kept = [](std::string_view text) {
    const Parsed read = parse(text);
    std::string all;
    for (const JsonValue& value : read.document().values())
      all += value.is_container() ? std::to_string(value.behind() - &value) + " " : shown(&value) + " ";
    return all;
  };
  EXPECT_EQ(kept(R"({"a":[1,{"b":2},x)"), R"(7 "a" 5 1 3 "b" 2 )");
  EXPECT_EQ(kept(R"({"a":1,"b)"), R"(3 "a" 1 )");
  EXPECT_EQ(kept(R"({"a")"), R"(2 "a" )");
  EXPECT_EQ(kept("[1,2."), "2 1 ");
}

TEST(JsonDocument, TheLongestTextAlwaysHasRoomAlone) {
  const std::string dense = json_of(JsonDocument::kValuesMax);
  EXPECT_EQ(dense.size(), JsonDocument::kAlwaysBytes);
  EXPECT_NE(JsonDocument{dense}.top(), nullptr);
  const std::uint64_t refused = JsonDocument::gauge().refused;
  const std::string denser = json_of(JsonDocument::kValuesMax + 1);
  EXPECT_EQ(JsonDocument{denser}.fault(), JsonFault::memory);
  EXPECT_EQ(JsonDocument::gauge().refused, refused + 1);
  EXPECT_EQ(JsonDocument::gauge().used, 0U);
}

TEST(JsonDocument, TextsWithEscapesHaveTheirOwnRoom) {
  const std::string long_text = std::string(JsonDocument::kEscapedBytesMax - 5, 'x');
  const std::string fits = "\"" + long_text + "\\n\"";
  ASSERT_EQ(fits.size(), JsonDocument::kEscapedBytesMax - 1);
  {
    const JsonDocument one{fits};
    ASSERT_NE(one.top(), nullptr);
    EXPECT_EQ(one.top()->text(), long_text + "\n");
    EXPECT_EQ(JsonDocument{R"(["\n"])"}.fault(), JsonFault::memory);
    EXPECT_NE(JsonDocument{R"(["n"])"}.top(), nullptr) << "it has no escapes";
  }
  EXPECT_NE(JsonDocument{R"(["\n"])"}.top(), nullptr);
  const std::string longer = "\"" + long_text + "xxx\\n\"";
  EXPECT_EQ(JsonDocument{longer}.fault(), JsonFault::memory);
  const std::string plain = "\"" + long_text + "xxxx\xC3\xA9\"";
  EXPECT_NE(JsonDocument{plain}.top(), nullptr);
}

TEST(JsonDocument, GivesItsMemoryBackInAnyOrder) {
  ASSERT_EQ(JsonDocument::gauge().used, 0U);
  {
    JsonDocument first{R"(["\n",1])"};
    JsonDocument second{R"({"a":"\t"})"};
    EXPECT_EQ(JsonDocument::gauge().used, 6U);
    JsonDocument moved = std::move(first);
    EXPECT_EQ(first.top(), nullptr);  // NOLINT(bugprone-use-after-move): that is what is asked
    EXPECT_EQ(moved.top()->entry(0)->text(), "\n");
    moved = JsonDocument{"7"};
    EXPECT_EQ(moved.top()->number(), 7.0);
    EXPECT_EQ(second.top()->member("a")->text(), "\t");
  }
  EXPECT_EQ(JsonDocument::gauge().used, 0U);
  {
    const JsonDocument outer{"[1]"};
    { const JsonDocument inner{"[2,3]"}; }
    EXPECT_EQ(JsonDocument::gauge().used, 2U) << "what one reads beside it costs it nothing";
  }
  EXPECT_EQ(JsonDocument{}.top(), nullptr);
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

RC_GTEST_PROP(JsonDocumentProperty, WhatWasReadReadsTheSameWhenWrittenAgain, (const Edits& edits)) {
  const Parsed tree = parse(edited(edits));
  RC_CLASSIFY(tree != nullptr);
  if (tree == nullptr) return;
  const std::string written = shown(tree.get());
  RC_ASSERT(shown(parse(written).get()) == written);
  RC_ASSERT(parse(written).document().values().size() == tree.document().values().size());
}

}  // namespace
}  // namespace signalbox
