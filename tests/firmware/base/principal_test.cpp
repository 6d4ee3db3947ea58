#include "base/principal.hpp"

#include <gtest/gtest.h>

namespace signalbox {
namespace {

TEST(Principal, MayWhatItsPatternsCover) {
  const Principal keeper{"operator", "cabin/#", "cabin/heater"};
  EXPECT_TRUE(keeper.may(Right::read, "cabin/temperature"));
  EXPECT_FALSE(keeper.may(Right::read, "host/load"));
  EXPECT_TRUE(keeper.may(Right::control, "cabin/heater"));
  EXPECT_FALSE(keeper.may(Right::control, "cabin/fan"));
}

TEST(Principal, WithoutAPatternMayNothing) {
  const Principal nobody{};
  EXPECT_FALSE(nobody.may(Right::read, "cabin/temperature"));
  EXPECT_FALSE(nobody.may(Right::control, "cabin/heater"));
}

TEST(Principal, ComparesByContent) {
  EXPECT_EQ((Principal{"a", "#", "#"}), (Principal{"a", "#", "#"}));
  EXPECT_NE((Principal{"a", "#", "#"}), (Principal{"a", "#", ""}));
}

}  // namespace
}  // namespace signalbox
