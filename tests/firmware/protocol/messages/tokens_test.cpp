#include "protocol/messages/tokens.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "firmware/protocol/every_message.hpp"
#include "firmware/protocol/tree.hpp"
#include "protocol/json_reader.hpp"
#include "protocol/json_writer.hpp"

namespace signalbox::protocol {
namespace {

class TokenMessages : public testing::Test {
 protected:
  template <typename T>
  Result<T> read(Result<T> (*its)(const JsonReader&), std::string_view payload) {
    read_so_far_.push_back(parse(payload));
    return its(JsonReader{read_so_far_.back().get(), "payload"});
  }

 private:
  std::vector<Parsed> read_so_far_;  // what is read points into it
};

TEST_F(TokenMessages, IssuingTakesAScopeWhichMayBeARole) {
  const auto scoped =
      read(read_issue_token, R"({"name":"panel","scope":"read:# control:cabin/+","lifetimeS":60})");
  ASSERT_TRUE(scoped);
  EXPECT_EQ(scoped->name.view(), "panel");
  EXPECT_EQ(scoped->scope.text(), "read:# control:cabin/+");
  EXPECT_EQ(scoped->lifetime_s, 60);
  const auto named = read(read_issue_token, R"({"name":"panel","scope":"operator"})");
  ASSERT_TRUE(named);
  EXPECT_EQ(named->scope, Scope{Role::operating});
  EXPECT_EQ(named->lifetime_s, 30 * 86'400);
}

TEST_F(TokenMessages, WhatIsWrongWithAnIssueIsTold) {
  struct {
    const char* payload;
    Reason reason;
    const char* field;
  } const cases[] = {
      {R"({"scope":"viewer"})", Reason::malformed, "payload.name"},
      {R"({"name":"p"})", Reason::malformed, "payload.scope"},
      {R"({"name":"p","scope":"read:*"})", Reason::malformed, "payload.scope"},
      {R"({"name":"p","scope":""})", Reason::malformed, "payload.scope"},
      {R"({"name":"p","scope":"owner"})", Reason::malformed, "payload.scope"},
      {R"({"name":"p","scope":"viewer","lifetimeS":59})", Reason::out_of_range, "payload.lifetimeS"},
      {R"({"name":"p","scope":"viewer","lifetimeS":31622401})", Reason::out_of_range, "payload.lifetimeS"},
      {R"({"name":"0123456789012345678901234567890123","scope":"viewer"})", Reason::too_big, "payload.name"}};
  for (const auto& its : cases) {
    const auto asked = read(read_issue_token, its.payload);
    ASSERT_FALSE(asked) << its.payload;
    EXPECT_EQ(asked.error().reason, its.reason) << its.payload;
    EXPECT_EQ(asked.error().field.view(), its.field) << its.payload;
  }
}

TEST_F(TokenMessages, RevokingTakesAnId) {
  EXPECT_EQ(read(read_revoke_token, R"({"id":"a"})")->id, "a");
  for (const char* wrong : {"{}", R"({"id":7})", R"({"id":""})"})
    EXPECT_EQ(read(read_revoke_token, wrong).error().field.view(), "payload.id") << wrong;
}

TEST_F(TokenMessages, RightsSayEachPatternAndNoneThereIsNot) {
  std::array<char, 512> into{};
  const auto shown = [&into](const char* scope) {
    JsonWriter writer{into};
    writer.begin_object();
    write_rights(writer, Principal{"a", *Scope::parse(scope)});
    return std::string{writer.end_object().written()};
  };
  EXPECT_EQ(shown("read:a/# read:+/b control:c"),
            R"({"rights":{"read":["a/#","+/b"],"control":["c"],"administer":false}})");
  EXPECT_EQ(shown("admin"), R"({"rights":{"administer":true}})");
}

TEST_F(TokenMessages, AListIsToldByPages) {
  struct Many final : TokenList {
    std::optional<ListedToken> do_from(std::uint32_t place) const override {
      if (place >= 64) return std::nullopt;
      return ListedToken{.place = place, .kind = "token", .id = "id", .name = "n", .scope = "read:#"};
    }
    std::string_view do_key() const override { return "k"; }
  };
  const Many many;
  std::array<char, 1024> into{};
  std::size_t seen = 0;
  std::uint32_t after = 0;
  for (int pages = 0; pages < 64; ++pages) {
    JsonWriter writer{into};
    write_payload(writer, TokenPage{&many, after});
    ASSERT_TRUE(writer.fits());
    const Parsed page = parse(writer.written());
    for (std::size_t i = 0; !shown(page, "tokens." + std::to_string(i)).empty(); ++i) ++seen;
    const std::string next = shown(page, "next");
    if (next.empty()) break;
    EXPECT_GT(std::stoul(next), after);
    after = static_cast<std::uint32_t>(std::stoul(next));
  }
  EXPECT_EQ(seen, 64U);
}

}  // namespace
}  // namespace signalbox::protocol
