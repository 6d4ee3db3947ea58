#include "protocol/json_check.hpp"

#include <array>
#include <gtest/gtest.h>
#include <string>

#include "firmware/base/no_documents.hpp"

namespace signalbox::protocol {
namespace {

Error error_of(std::string_view text) {
  const Result<JsonDocument> document = parse_json(text);
  EXPECT_FALSE(document.has_value()) << text;
  return document ? Error{} : document.error();
}

std::string object_of(int members) {
  std::string text = "{";
  for (int i = 0; i < members; ++i) text += (i > 0 ? ",\"m" : "\"m") + std::to_string(i) + "\":0";
  return text + "}";
}

TEST(JsonCheck, ParsesWithoutATrailingZero) {
  const std::string text = R"({"a":12}3)";
  const Result<JsonDocument> document = parse_json(std::string_view{text}.substr(0, 8));
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(document->top()->member("a")->number(), 12.0);
}

struct Wrong {
  std::string text;
  const char* detail;
};

TEST(JsonCheck, SaysWhereAndWhatIsWrong) {
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
      {"01", "after 1 bytes: '1'; expected a number without leading zeros"},
      {"+1", "after 0 bytes: '+'; expected a value"},
      {"-", "after 1 bytes: half a number; expected one such as -1.5 or 2e3"},
      {"1.", "after 2 bytes: half a number; expected one such as -1.5 or 2e3"},
      {"1e+", "after 3 bytes: half a number; expected one such as -1.5 or 2e3"},
      {std::string(64, '1'), "after 64 bytes: a number of more than 63 characters; expected a shorter one"},
      {"\"a", "after 2 bytes: the text ends; expected '\"'"},
      {"\"a\nb\"", "after 2 bytes: a control character in a text; expected it written as \\n or \\u000a"},
      {R"("\x")", "after 2 bytes: a wrong escape; expected \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\uXXXX"},
      {"\"\\", "after 2 bytes: a wrong escape; expected \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\uXXXX"},
      {"\"\\u00g0\"", "after 5 bytes: a wrong escape; expected \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\uXXXX"},
      {"\"\\u0000\"", "after 7 bytes: \\u0000 in a text; expected text without zero characters"},
      {"\"\\ud83d\"", "after 7 bytes: half a surrogate pair; expected both halves, such as \\ud83d\\ude00"},
      {"\"\\ud83d\\u0041\"",
       "after 13 bytes: half a surrogate pair; expected both halves, such as \\ud83d\\ude00"},
      {"\"\\ude00\"", "after 7 bytes: a wrong escape; expected \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\uXXXX"},
      {"\"\xC0\xAF\"", "after 1 bytes: a byte that is not UTF-8; expected UTF-8 text"},
      {"\"\xED\xA0\x80\"", "after 1 bytes: a byte that is not UTF-8; expected UTF-8 text"},
      {std::string(17, '['), "after 16 bytes: nested deeper than 16; expected no more than 16 levels"},
  };
  for (const Wrong& one : wrong) {
    const Error error = error_of(one.text);
    EXPECT_EQ(error.reason, Reason::malformed);
    EXPECT_EQ(error.detail.view(), one.detail) << one.text;
  }
}

TEST(JsonCheck, RefusesRepeatedMembersAtAnyLevelAndTellsWhere) {
  const std::array<std::array<const char*, 2>, 6> repeated{{
      {R"({"a":1,"b":2,"a":3})", "a"},
      {R"({"x":{"a":1,"a":1}})", "x.a"},
      {R"([[{"y":0},{"a":1,"b":[],"\u0061":1}]])", "[0][1].a"},
      {R"({"payload":{"writes":[{"value":1},{"value":1,"value":2}]}})", "payload.writes[1].value"},
      {R"({"a_long_name_at_first":{"another_one_behind_it":{"a":1,"a":1}}})",
       "a_long_name_at_first.another_on"},
      {R"({"x":{"a":1,"a":1},"x":2})", "x"},  // the outer one first
  }};
  for (const auto& [text, place] : repeated) {
    const Error error = error_of(text);
    EXPECT_EQ(error.reason, Reason::malformed);
    EXPECT_EQ(error.field.view(), place) << text;
  }
  EXPECT_TRUE(parse_json(R"({"a":{"a":1},"A":2})").has_value());
}

TEST(JsonCheck, BoundsTheMembersOfAnObject) {
  EXPECT_TRUE(parse_json(object_of(64)).has_value());
  EXPECT_EQ(error_of(object_of(65)).reason, Reason::too_big);
  EXPECT_EQ(error_of("[0,{\"a\":" + object_of(65) + "}]").field.view(), "[1].a");
}

TEST(JsonCheck, TellsWantOfMemoryFromBrokenText) {
  const std::string text = R"({"msgId":"c-1","payload":{"value":[1,"two",true]}})";
  std::size_t left = 0;
  for (bool parsed = false; !parsed; ++left) {
    const NoDocuments others{left};
    const Result<JsonDocument> document = parse_json(text);
    parsed = document.has_value();
    if (parsed) continue;
    EXPECT_EQ(document.error().reason, Reason::overloaded);
    EXPECT_GT(document.error().retry_after_ms, 0U);
  }
  EXPECT_EQ(left, 11U);
  const NoDocuments others{2};
  EXPECT_EQ(error_of("{\"a\"").reason, Reason::malformed);
}

TEST(JsonCheck, SavesMembersOfTheOutermostObjectOnly) {
  const auto saved = [](std::string_view text) {
    const JsonDocument document{text};
    const Salvage member{document, "msgId"};
    if (member.value == nullptr) return std::string{};
    return std::string{member.value->text()} + (member.is_text() ? "" : "#") +
           (member.times > 1 ? " and again" : "");
  };
  EXPECT_EQ(saved(R"({"msgId":"c-1","x":)"), "c-1");
  EXPECT_EQ(saved(R"({"msgId":"c-1","msgId":"c-2"})"), "c-1 and again");
  EXPECT_EQ(saved(R"({"msgId":"c-1","msgId")"), "c-1 and again");
  EXPECT_EQ(saved(R"({"msgId":null,"msgId":"c-2"})"), "c-2 and again");
  EXPECT_EQ(saved(R"({"x":{"msgId":"c-1"}})"), "");
  EXPECT_EQ(saved(R"({"x":{"msgId":"c-1")"), "");
  EXPECT_EQ(saved(R"({"msgId":["c-1"]})"), "");
  EXPECT_EQ(saved(R"({"msgId":["c-1")"), "");
  EXPECT_EQ(saved(R"({"msg\u0049d":"c\n1",)"), "c\n1");
  EXPECT_EQ(saved(R"({"msgId": -1.50e+3 ,"x":)"), "-1.50e+3#") << "as it was sent";
  EXPECT_EQ(saved(R"({"msgId":1.)"), "");
  EXPECT_EQ(saved(R"({"msgId":[17],"x":17})"), "");
  EXPECT_EQ(saved(R"({"msgId":"c-1)"), "");
  EXPECT_EQ(saved(R"(["msgId","c-1"])"), "");
  EXPECT_EQ(saved(""), "");
}

}  // namespace
}  // namespace signalbox::protocol
