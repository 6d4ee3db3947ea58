#include "sim/faults.hpp"

#include <array>
#include <gtest/gtest.h>

#include "tests/sim/at.hpp"

namespace signalbox::sim {
namespace {

TEST(Faults, StrikeTheirTargetInTheirTime) {
  Faults faults;
  ASSERT_TRUE(faults.add({FaultKind::hung, "i2c-1", at(10), at(20)}));
  EXPECT_EQ(faults.strikes(FaultKind::hung, "i2c-1", at(9)), nullptr);
  ASSERT_NE(faults.strikes(FaultKind::hung, "i2c-1", at(10)), nullptr);
  EXPECT_EQ(faults.strikes(FaultKind::hung, "i2c-1", at(10))->until, at(20));
  EXPECT_EQ(faults.strikes(FaultKind::hung, "i2c-1", at(20)), nullptr);
  EXPECT_EQ(faults.strikes(FaultKind::hung, "i2c-2", at(15)), nullptr);
  EXPECT_EQ(faults.strikes(FaultKind::slow, "i2c-1", at(15)), nullptr);
  faults.clear();
  EXPECT_EQ(faults.strikes(FaultKind::hung, "i2c-1", at(15)), nullptr);
}

TEST(Faults, StrikeByChanceTheSameForTheSameSeed) {
  Faults one{7};
  Faults same{7};
  for (Faults* faults : {&one, &same}) faults->add({FaultKind::fails, "door", at(0), kNever, 0.3});
  int struck = 0;
  for (int i = 0; i < 1000; ++i) {
    const bool strikes = one.strikes(FaultKind::fails, "door", at(i)) != nullptr;
    EXPECT_EQ(strikes, same.strikes(FaultKind::fails, "door", at(i)) != nullptr);
    if (strikes) ++struck;
  }
  EXPECT_GT(struck, 230);
  EXPECT_LT(struck, 370);
}

TEST(Faults, RefuseWhatDoesNotFit) {
  Faults faults;
  for (std::size_t i = 0; i < Faults::kFaultsMax; ++i) EXPECT_TRUE(faults.add({}));
  EXPECT_FALSE(faults.add({}));
}

TEST(Faults, AreScatteredWithinTheirBounds) {
  constexpr std::array kTargets{FaultTarget{FaultKind::slow, "a"}, FaultTarget{FaultKind::fails, "b"}};
  Faults faults{3};
  faults.scatter(kTargets, at(1000), at(2000), 50, from_ms(100));
  ASSERT_EQ(faults.planned().size(), 50U);
  int first = 0;
  for (const Fault& fault : faults.planned()) {
    EXPECT_GE(fault.from, at(1000));
    EXPECT_LT(fault.from, at(2000));
    EXPECT_GT(fault.until, fault.from);
    EXPECT_LE(fault.until - fault.from, from_ms(100));
    if (fault.target.view() == "a") ++first;
  }
  EXPECT_GT(first, 10);
  EXPECT_LT(first, 40);
  faults.scatter({}, at(0), at(1), 5, from_ms(1));
  faults.scatter(kTargets, at(1), at(1), 5, from_ms(1));
  EXPECT_EQ(faults.planned().size(), 50U);
}

}  // namespace
}  // namespace signalbox::sim
