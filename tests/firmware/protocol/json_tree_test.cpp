#include "protocol/json_tree.hpp"

#include <array>
#include <cjson/cJSON.h>
#include <cstdlib>
#include <gtest/gtest.h>
#include <string>

namespace signalbox::protocol {
namespace {

Error error_of(std::string_view text) {
  const Result<Tree> tree = parse_json(text, {});
  EXPECT_FALSE(tree.has_value()) << text;
  return tree ? Error{} : tree.error();
}

std::string object_of(int members) {
  std::string text = "{";
  for (int i = 0; i < members; ++i) text += (i > 0 ? ",\"m" : "\"m") + std::to_string(i) + "\":0";
  return text + "}";
}

TEST(JsonTree, ParsesWithoutATrailingZero) {
  const std::string text = R"({"a":12}3)";
  Result<Tree> tree = parse_json(std::string_view{text}.substr(0, 8), {});
  ASSERT_TRUE(tree.has_value());
  EXPECT_EQ(cJSON_GetObjectItemCaseSensitive(tree->get(), "a")->valueint, 12);
}

TEST(JsonTree, RefusesRepeatedMembersAtAnyLevelAndTellsWhere) {
  const std::array<std::array<const char*, 2>, 5> repeated{{
      {R"({"a":1,"b":2,"a":3})", "a"},
      {R"({"x":{"a":1,"a":1}})", "x.a"},
      {R"([[{"y":0},{"a":1,"b":[],"\u0061":1}]])", "[0][1].a"},
      {R"({"payload":{"writes":[{"value":1},{"value":1,"value":2}]}})", "payload.writes[1].value"},
      {R"({"a_long_name_at_first":{"another_one_behind_it":{"a":1,"a":1}}})",
       "a_long_name_at_first.another_on"},
  }};
  for (const auto& [text, place] : repeated) {
    const Error error = error_of(text);
    EXPECT_EQ(error.reason, Reason::malformed);
    EXPECT_EQ(error.field.view(), place) << text;
  }
  EXPECT_TRUE(parse_json(R"({"a":{"a":1},"A":2})", {}).has_value());
}

TEST(JsonTree, BoundsTheMembersOfAnObject) {
  EXPECT_TRUE(parse_json(object_of(64), {}).has_value());
  EXPECT_EQ(error_of(object_of(65)).reason, Reason::too_big);
}

int allocations_left = 0;
void* allocate(std::size_t bytes) { return allocations_left-- > 0 ? std::malloc(bytes) : nullptr; }

TEST(JsonTree, TellsWantOfMemoryFromBrokenText) {
  cJSON_Hooks failing{allocate, std::free};
  cJSON_InitHooks(&failing);
  const std::string text = R"({"msgId":"c-1","payload":{"value":[1,"two",true]}})";
  int needed = 0;
  for (bool parsed = false; !parsed; ++needed) {
    allocations_left = needed;
    std::array<Salvage, 1> salvage{Salvage{"msgId", {}}};
    const Result<Tree> tree = parse_json(text, salvage);
    parsed = tree.has_value();
    EXPECT_EQ(salvage[0].text, "c-1");
    if (parsed) continue;
    EXPECT_EQ(tree.error().reason, Reason::overloaded);
    EXPECT_GT(tree.error().retry_after_ms, 0U);
  }
  EXPECT_GT(needed, 8);
  allocations_left = 0;
  EXPECT_EQ(error_of("{\"a\"").reason, Reason::malformed);
  cJSON_InitHooks(nullptr);
}

}  // namespace
}  // namespace signalbox::protocol
