#include "session/parking.hpp"

#include <array>
#include <gtest/gtest.h>
#include <vector>

namespace signalbox::session {
namespace {

class ParkingTest : public testing::Test {
 protected:
  void park(std::uint32_t session, control::Holder holder) {
    parking.park({session, 1}, holder, now, [this](control::Holder gone) { left.push_back(gone); });
  }
  void step() {
    parking.step(now, [this](control::Holder gone) { left.push_back(gone); });
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
  EXPECT_EQ(parking.take({4, 1}), 40U);
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
  EXPECT_EQ(parking.take({5, 1}), 50U);
}

TEST_F(ParkingTest, WhereThereIsNoPlaceTheOldestGoesEarly) {
  park(4, 40);
  park(5, 50);
  park(6, 60);
  EXPECT_EQ(left, Holders{40});
  EXPECT_EQ(parking.take({6, 1}), 60U);
}

}  // namespace
}  // namespace signalbox::session
