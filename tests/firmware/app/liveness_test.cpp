#include "app/liveness.hpp"

#include <gtest/gtest.h>

#include "sim/hal/supervisor.hpp"

namespace signalbox::app {
namespace {

constexpr Instant kLivesFrom{from_ms(5000)};

TEST(Liveness, IsToldThreeTimesWithinThePatience) {
  sim::Supervisor supervisor{from_ms(300)};
  Liveness liveness{supervisor};
  EXPECT_EQ(liveness.turned(kLivesFrom), kLivesFrom + from_ms(100));
  for (int ms = 1; ms <= 300; ++ms) liveness.turned(kLivesFrom + from_ms(ms));
  EXPECT_EQ(supervisor.told(), std::vector(4, hal::Supervisor::State::alive));
}

TEST(Liveness, IsNotToldOfALoopThatDoesNotTurn) {
  sim::Supervisor supervisor{from_ms(300)};
  Liveness liveness{supervisor};
  liveness.turned(kLivesFrom);
  EXPECT_EQ(liveness.turned(kLivesFrom + from_ms(99)), kLivesFrom + from_ms(100));
  EXPECT_EQ(supervisor.told().size(), 1U);
  EXPECT_EQ(liveness.turned(kLivesFrom + from_ms(5000)), kLivesFrom + from_ms(5100))
      << "what was missed is not made up for";
  EXPECT_EQ(supervisor.told().size(), 2U);
}

TEST(Liveness, WakesNobodyWhereNobodyWaits) {
  sim::Supervisor supervisor;
  Liveness liveness{supervisor};
  EXPECT_EQ(liveness.turned(kLivesFrom), kNever);
  EXPECT_TRUE(supervisor.told().empty());
}

}  // namespace
}  // namespace signalbox::app
