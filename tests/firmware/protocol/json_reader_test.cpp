#include "protocol/json_reader.hpp"

#include <array>
#include <gtest/gtest.h>
#include <string>

#include "firmware/protocol/tree.hpp"

namespace signalbox::protocol {
namespace {

constexpr std::array<std::string_view, 3> kWords{"set", "toggle", "pulse"};

/// Checks the error whole: reason, field and words.
template <typename T>
void expect_error(const Result<T>& result, Reason reason, std::string_view field, std::string_view detail) {
  ASSERT_FALSE(result.has_value()) << detail;
  EXPECT_EQ(result.error().reason, reason) << detail;
  EXPECT_EQ(result.error().field.view(), field) << detail;
  EXPECT_EQ(result.error().detail.view(), detail);
}

class JsonReaderTest : public testing::Test {
 protected:
  Parsed tree = parse(R"({
    "text":"abc","empty":"","number":1.5,"whole":7,"huge":1e999,"yes":true,"no":false,"nothing":null,
    "list":["a","",3,"long one"],"none":[],"object":{"inner":"x","deep":{"er":4}}})");
  JsonReader reader{tree.get(), "payload"};
};

TEST_F(JsonReaderTest, ReadsText) {
  EXPECT_EQ(*reader.text("text", 3), "abc");
  EXPECT_EQ(**reader.optional_text("empty", 3), "");
  EXPECT_FALSE(reader.optional_text("missing", 3)->has_value());
  EXPECT_FALSE(reader.optional_text("nothing", 3)->has_value());
  expect_error(reader.text("text", 2), Reason::too_big, "payload.text", "found 3 bytes; expected at most 2");
  expect_error(reader.text("empty", 9), Reason::malformed, "payload.empty",
               "found \"\"; expected text of 1 to 9 bytes");
  expect_error(reader.text("missing", 9), Reason::malformed, "payload.missing",
               "found nothing; expected text of 1 to 9 bytes");
  expect_error(reader.text("number", 9), Reason::malformed, "payload.number",
               "found a number; expected text of 1 to 9 bytes");
  expect_error(reader.text("nothing", 9), Reason::malformed, "payload.nothing",
               "found nothing; expected text of 1 to 9 bytes");
  expect_error(reader.optional_text("list", 9), Reason::malformed, "payload.list",
               "found a list; expected text of 0 to 9 bytes");
}

TEST_F(JsonReaderTest, ReadsNumbersWithinTheirRange) {
  EXPECT_EQ(*reader.number("number", 1.5, 1.5), 1.5);
  EXPECT_EQ(**reader.optional_number("whole", 0, 10), 7);
  EXPECT_FALSE(reader.optional_number("missing", 0, 10)->has_value());
  expect_error(reader.number("number", 2, 1e12), Reason::out_of_range, "payload.number",
               "found 1.5; expected a number from 2 to 1e+12");
  expect_error(reader.number("number", 0, 1), Reason::out_of_range, "payload.number",
               "found 1.5; expected a number from 0 to 1");
  expect_error(reader.number("huge", 0, 1), Reason::out_of_range, "payload.huge",
               "found inf; expected a number from 0 to 1");
  expect_error(reader.number("yes", 0, 1), Reason::malformed, "payload.yes",
               "found true or false; expected a number from 0 to 1");
  expect_error(reader.number("missing", 0, 1), Reason::malformed, "payload.missing",
               "found nothing; expected a number from 0 to 1");
}

TEST_F(JsonReaderTest, ReadsWholeNumbers) {
  EXPECT_EQ(*reader.integer("whole", 7, 7), 7);
  EXPECT_FALSE(reader.optional_integer("missing", 0, 1)->has_value());
  expect_error(reader.integer("number", 1, 3600000), Reason::malformed, "payload.number",
               "found 1.5; expected a whole number from 1 to 3600000");
  expect_error(reader.optional_integer("whole", 8, 9), Reason::out_of_range, "payload.whole",
               "found 7; expected a whole number from 8 to 9");
  expect_error(reader.integer("huge", 0, 9), Reason::out_of_range, "payload.huge",
               "found inf; expected a whole number from 0 to 9");
  expect_error(reader.integer("text", 0, 9), Reason::malformed, "payload.text",
               "found text; expected a whole number from 0 to 9");
}

TEST(JsonReader, ReadsCountsAsTheWriterWritesThem) {
  const Parsed tree = parse(
      R"({"small":7,"large":"18446744073709551615","over":"18446744073709551616","signed":"-1","none":"","part":1.5,"minus":-1})");
  const JsonReader reader{tree.get(), ""};
  EXPECT_EQ(*reader.counter("small"), 7U);
  EXPECT_EQ(*reader.counter("large"), 18446744073709551615U);
  for (const char* name : {"over", "signed", "none", "part", "missing"})
    EXPECT_EQ(reader.counter(name).error().reason, Reason::malformed) << name;
  EXPECT_EQ(reader.counter("minus").error().reason, Reason::out_of_range);
  EXPECT_EQ(reader.counter("over").error().detail.view(),
            "found \"18446744073709551616\"; expected the digits of a count");
}

TEST_F(JsonReaderTest, ReadsBooleansChoicesAndScalars) {
  EXPECT_TRUE(*reader.boolean("yes"));
  EXPECT_FALSE(*reader.boolean("no"));
  expect_error(reader.boolean("whole"), Reason::malformed, "payload.whole",
               "found a number; expected true or false");
  expect_error(reader.choice("text", kWords), Reason::malformed, "payload.text",
               "found \"abc\"; expected one of set, toggle, pulse");
  expect_error(reader.optional_choice("object", kWords), Reason::malformed, "payload.object",
               "found an object; expected one of set, toggle, pulse");
  EXPECT_FALSE(reader.optional_choice("missing", kWords)->has_value());
  const Parsed chosen = parse(R"({"action":"pulse"})");
  EXPECT_EQ((*JsonReader{chosen.get(), ""}.choice("action", kWords)), 2U);
  expect_error(reader.choice_at("list", 1, kWords), Reason::malformed, "payload.list[1]",
               "found \"\"; expected one of set, toggle, pulse");
  expect_error(reader.choice_at("list", 2, kWords), Reason::malformed, "payload.list[2]",
               "found a number; expected one of set, toggle, pulse");
  const Parsed listed = parse(R"({"actions":["set","toggle"]})");
  EXPECT_EQ((*JsonReader{listed.get(), ""}.choice_at("actions", 1, kWords)), 1U);

  EXPECT_EQ(std::get<double>(*reader.scalar("number", 9)), 1.5);
  EXPECT_EQ(std::get<bool>(*reader.scalar("no", 9)), false);
  EXPECT_EQ(std::get<std::string_view>(*reader.scalar("text", 9)), "abc");
  EXPECT_TRUE(std::holds_alternative<std::monostate>(*reader.scalar("nothing", 9)));
  expect_error(reader.scalar("text", 2), Reason::too_big, "payload.text",
               "found 3 bytes; expected at most 2");
  expect_error(reader.scalar("list", 2), Reason::malformed, "payload.list",
               "found a list; expected a number, true or false, or text");
  expect_error(reader.scalar("huge", 2), Reason::out_of_range, "payload.huge",
               "found a number beyond 1.8e308; expected a finite one");
}

TEST_F(JsonReaderTest, ReadsLists) {
  EXPECT_EQ(*reader.list("list", 1, 4), 4U);
  EXPECT_EQ(*reader.text_at("list", 0, 4), "a");
  expect_error(reader.list("list", 1, 3), Reason::too_big, "payload.list",
               "found 4 entries; expected 1 to 3");
  expect_error(reader.list("none", 1, 3), Reason::malformed, "payload.none",
               "found 0 entries; expected 1 to 3");
  expect_error(reader.list("missing", 1, 3), Reason::malformed, "payload.missing",
               "found nothing; expected a list of 1 to 3 entries");
  expect_error(reader.text_at("list", 1, 4), Reason::malformed, "payload.list[1]",
               "found \"\"; expected text of 1 to 4 bytes");
  expect_error(reader.text_at("list", 2, 4), Reason::malformed, "payload.list[2]",
               "found a number; expected text of 1 to 4 bytes");
  expect_error(reader.text_at("list", 3, 4), Reason::too_big, "payload.list[3]",
               "found 8 bytes; expected at most 4");
}

TEST_F(JsonReaderTest, KnowsItsPathInNestedObjects) {
  const Result<JsonReader> inner = reader.object("object");
  ASSERT_TRUE(inner.has_value());
  EXPECT_EQ(*inner->text("inner", 9), "x");
  expect_error(inner->object("deep")->text("er", 9), Reason::malformed, "payload.object.deep.er",
               "found a number; expected text of 1 to 9 bytes");
  const Result<JsonReader> absent = reader.object("missing");
  ASSERT_TRUE(absent.has_value());
  EXPECT_FALSE(absent->has("anything"));
  expect_error(reader.object("list"), Reason::malformed, "payload.list", "found a list; expected an object");
  expect_error(JsonReader{tree.get(), ""}.object("text"), Reason::malformed, "text",
               "found text; expected an object");
}

TEST(JsonReader, NamesAreCaseSensitive) {
  const Parsed tree = parse(R"({"Token":"a"})");
  EXPECT_FALSE((JsonReader{tree.get(), ""}.has("token")));
}

TEST(JsonReader, WordsAreShortenedAtCharacters) {
  EXPECT_EQ(found_instead("abcdefghijklmnopqrs\xC3\xA9xyz", "x").view(),
            "found \"abcdefghijklmnopqrs...\"; expected x");
  EXPECT_EQ(one_of(kWords).view(), "one of set, toggle, pulse");
}

}  // namespace
}  // namespace signalbox::protocol
