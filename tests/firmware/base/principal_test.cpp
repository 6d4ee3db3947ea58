#include "base/principal.hpp"

#include <gtest/gtest.h>

namespace signalbox {
namespace {

TEST(Principal, MayWhatItsScopeSays) {
  const Principal keeper{"operator", *Scope::parse("read:cabin/# control:cabin/heater")};
  EXPECT_TRUE(keeper.may(Right::read, "cabin/temperature"));
  EXPECT_FALSE(keeper.may(Right::read, "host/load"));
  EXPECT_TRUE(keeper.may(Right::control, "cabin/heater"));
  EXPECT_FALSE(keeper.may(Right::control, "cabin/fan"));
  EXPECT_FALSE(keeper.may(Right::administer));
}

TEST(Principal, WithoutAScopeMayNothing) {
  const Principal nobody{};
  EXPECT_FALSE(nobody.may(Right::read, "cabin/temperature"));
  EXPECT_FALSE(nobody.may(Right::control, "cabin/heater"));
  EXPECT_FALSE(nobody.may(Right::read) || nobody.may(Right::control) || nobody.may(Right::administer));
}

TEST(Principal, IsLikeWhoHasTheSameNameAndRights) {
  Principal one{"a", Scope{Role::viewer}};
  Principal other = one;
  other.credential = "another";
  other.expires_s = 7;
  EXPECT_NE(one, other);
  EXPECT_TRUE(one.is_like(other));
  other.scope = Scope{Role::operating};
  EXPECT_FALSE(one.is_like(other));
}

}  // namespace
}  // namespace signalbox
