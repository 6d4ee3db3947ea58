#include "session/parking.hpp"

#include <array>
#include <gtest/gtest.h>
#include <vector>

namespace signalbox::session {
namespace {

class ParkingTest : public testing::Test {
 protected:
  void park(std::uint32_t session, control::Holder holder, std::string_view name = "ann",
            bool holds_anything = true) {
    Parked gone{.session = {session, 1}, .holder = holder, .groups = 3};
    gone.name = name;
    gone.subscriptions.add({"a", {}, {}});
    parking.park(gone, holds_anything, now, [this](const Parked& lost) { left.push_back(lost.holder); });
  }
  void step() {
    parking.step(now, [this](const Parked& gone) { left.push_back(gone.holder); });
  }

  Instant now{from_ms(1000)};
  std::array<Parked, 2> slots{};
  Parking parking{slots};
  std::vector<control::Holder> left;
};
using Holders = std::vector<control::Holder>;

TEST_F(ParkingTest, IsTakenOnceAndByItsOwnSession) {
  park(4, 40);
  EXPECT_FALSE(parking.take({4, 2}).has_value()) << "the next tenant of the place";
  const std::optional<Parked> taken = parking.take({4, 1});
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->holder, 40U);
  EXPECT_EQ(taken->groups, 3U);
  ASSERT_EQ(taken->subscriptions.all().size(), 1U);
  EXPECT_EQ(taken->subscriptions.all()[0].id.view(), "a");
  EXPECT_FALSE(parking.take({4, 1}).has_value());
  now += kResumeWindow;
  step();
  EXPECT_TRUE(left.empty()) << "it has returned";
}

TEST_F(ParkingTest, WhoDoesNotReturnInTimeIsGone) {
  park(4, 40);
  now += from_ms(10);
  park(5, 50);
  now += kResumeWindow - from_ms(10);
  step();
  EXPECT_EQ(left, Holders{40});
  EXPECT_FALSE(parking.take({4, 1}).has_value());
  EXPECT_TRUE(parking.take({5, 1}).has_value());
}

TEST_F(ParkingTest, WhereThereIsNoPlaceTheOldestGoesEarly) {
  park(4, 40);
  park(5, 50);
  park(6, 60);
  EXPECT_EQ(left, Holders{40});
  EXPECT_TRUE(parking.take({6, 1}).has_value());
}

TEST_F(ParkingTest, WhoHasReturnedTakesNobodysPlace) {
  park(4, 40);
  park(5, 50);
  EXPECT_TRUE(parking.take({5, 1}).has_value());
  park(6, 60);
  EXPECT_TRUE(left.empty());
  EXPECT_TRUE(parking.take({4, 1}).has_value());
  EXPECT_TRUE(parking.take({6, 1}).has_value());
}

TEST_F(ParkingTest, WhatIsVoidIsGivenUpAtOnceAndTheRestStays) {
  park(4, 40);
  park(5, 50);
  parking.drop_if([](const Parked& parked) { return parked.holder == 40; },
                  [this](const Parked& gone) { left.push_back(gone.holder); });
  EXPECT_EQ(left, (Holders{40}));
  EXPECT_FALSE(parking.take({4, 1}).has_value());
  EXPECT_TRUE(parking.take({5, 1}).has_value());
}

TEST_F(ParkingTest, WhoComesAndGoesCostsNobodyElseTheirs) {
  park(4, 40, "ann");
  park(5, 50, "bob");
  park(6, 60, "bob");
  park(7, 70, "bob");
  EXPECT_EQ(left, (Holders{50, 60}));
  EXPECT_TRUE(parking.take({4, 1}).has_value());
  EXPECT_TRUE(parking.take({7, 1}).has_value());
}

TEST_F(ParkingTest, WhoHoldsNothingIsKeptWhereThereIsRoom) {
  park(4, 40, "ann", false);
  park(5, 50, "ann");
  park(6, 60, "ann", false);
  EXPECT_EQ(left, (Holders{60}));
  EXPECT_TRUE(parking.take({4, 1}).has_value());
  EXPECT_TRUE(parking.take({5, 1}).has_value());
}

TEST_F(ParkingTest, WhereNobodyOfThemIsParkedTheOldestOfAllGoes) {
  park(4, 40, "ann");
  park(5, 50, "bob");
  park(6, 60, "carol");
  EXPECT_EQ(left, Holders{40});
  EXPECT_TRUE(parking.take({5, 1}).has_value());
  EXPECT_TRUE(parking.take({6, 1}).has_value());
}

TEST_F(ParkingTest, WhoHasReturnedLeavesNothingBehind) {
  park(4, 40);
  park(5, 50);
  EXPECT_TRUE(parking.take({5, 1}).has_value());
  parking.drop_if(
      [](const Parked& parked) {
        return parked.session == Handle{5, 1};
      },
      [this](const Parked& gone) { left.push_back(gone.holder); });
  now += kResumeWindow;
  step();
  EXPECT_EQ(left, Holders{40}) << "neither when their token is revoked nor when the time is up";
}

}  // namespace
}  // namespace signalbox::session
