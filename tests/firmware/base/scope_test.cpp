#include "base/scope.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

namespace signalbox {
namespace {

TEST(Scope, HasAsManyPatternsOfARightAsItSays) {
  const Scope scope = *Scope::parse("read:cabin/# read:+/power control:cabin/fan");
  EXPECT_TRUE(scope.may(Right::read, "cabin/temperature"));
  EXPECT_TRUE(scope.may(Right::read, "host/power"));
  EXPECT_FALSE(scope.may(Right::read, "host/load"));
  EXPECT_FALSE(scope.may(Right::control, "cabin/heater")) << "reading is not moving";
  std::vector<std::string> patterns;
  scope.each_pattern(Right::read, [&](std::string_view pattern) { patterns.emplace_back(pattern); });
  EXPECT_EQ(patterns, (std::vector<std::string>{"cabin/#", "+/power"}));
}

TEST(Scope, AdminIsARightOfItsOwn) {
  const Scope scope = *Scope::parse("admin");
  EXPECT_TRUE(scope.may(Right::administer));
  EXPECT_FALSE(scope.may(Right::read) || scope.may(Right::control));
  EXPECT_EQ(scope.role(), Role::admin);
}

TEST(Scope, RolesAreShortForScopes) {
  EXPECT_EQ(Scope{Role::viewer}.text(), "read:#");
  EXPECT_EQ(Scope{Role::operating}.text(), "read:# control:#");
  EXPECT_EQ(Scope{Role::admin}.text(), "read:# control:# admin");
  for (const Role role : {Role::viewer, Role::operating, Role::admin}) EXPECT_EQ(Scope{role}.role(), role);
}

TEST(Scope, RolesAreWordsAsWell) {
  EXPECT_EQ(Scope::parse("viewer")->text(), "read:#");
  EXPECT_EQ(*Scope::parse("operator admin"), Scope{Role::admin});
  EXPECT_EQ(Scope::parse("control:cabin/# viewer")->text(), "control:cabin/# read:#");
}

TEST(Scope, WhatIsNoScopeIsToldWithTheWord) {
  for (const char* wrong :
       {"", " ", "read:", "read:cabin/*", "write:#", "read:# ", " read:#", "read:#  admin", "Admin",
        "admin:#", "read:#,admin", "read:#\tadmin", "read:cabin//x", "read:#/x", "owner", "read:a\nadmin"}) {
    const Result<Scope> scope = Scope::parse(wrong);
    ASSERT_FALSE(scope) << wrong;
    EXPECT_EQ(scope.error().reason, Reason::malformed) << wrong;
    EXPECT_NE(scope.error().detail.view().find("expected read:<pattern>"), std::string_view::npos);
  }
  EXPECT_NE(Scope::parse("read:# control:heater/*").error().detail.view().find("control:heater/*"),
            std::string_view::npos);
  std::string long_one = "admin";
  while (long_one.size() <= Scope::kBytesMax) long_one += " control:cabin/heater";
  EXPECT_EQ(Scope::parse(long_one).error().reason, Reason::too_big) << "never cut, which might widen it";
}

TEST(Scope, CoversWhatAllowsNoMore) {
  const auto covers = [](const char* one, const char* other) {
    return Scope::parse(one)->covers(*Scope::parse(other));
  };
  EXPECT_TRUE(covers("read:# control:# admin", "read:cabin/# control:cabin/heater"));
  EXPECT_TRUE(covers("read:cabin/#", "read:cabin"));
  EXPECT_TRUE(covers("read:cabin/#", "read:cabin/+"));
  EXPECT_TRUE(covers("read:+/power", "read:host/power"));
  EXPECT_TRUE(covers("read:+/#", "read:a/# read:b"));
  EXPECT_FALSE(covers("read:cabin/+", "read:cabin/#"));
  EXPECT_FALSE(covers("read:+", "read:#"));
  EXPECT_FALSE(covers("read:cabin/heater", "read:cabin/+"));
  EXPECT_FALSE(covers("read:#", "control:cabin/heater"));
  EXPECT_FALSE(covers("read:# control:#", "admin"));
  EXPECT_FALSE(covers("admin", "read:#")) << "administering is not reading";
  EXPECT_TRUE(Scope::parse("read:#")->covers(Scope{}));
}

/// Patterns and paths of few and short levels, so that they meet.
std::string some_text(std::vector<const char*> levels) {
  const int count = *rc::gen::inRange(1, 4);
  std::string text;
  for (int i = 0; i < count; ++i) {
    const std::string level = *rc::gen::elementOf(levels);
    text += (i > 0 ? "/" : "") + level;
    if (level == "#") break;
  }
  return text;
}

RC_GTEST_PROP(Scope, WhoIsCoveredMayNothingThatTheOtherMayNot, ()) {
  const std::string wide = some_text({"a", "b", "+", "#"});
  const std::string narrow = some_text({"a", "b", "+", "#"});
  const std::string path = some_text({"a", "b"});
  const Scope one = *Scope::parse("read:" + wide);
  const Scope other = *Scope::parse("read:" + narrow);
  if (one.covers(other) && other.may(Right::read, path)) RC_ASSERT(one.may(Right::read, path));
  RC_ASSERT(one.covers(one));
}

}  // namespace
}  // namespace signalbox
