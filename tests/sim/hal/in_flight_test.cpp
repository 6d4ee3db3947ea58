#include "sim/hal/in_flight.hpp"

#include <array>
#include <gtest/gtest.h>
#include <utility>

#include "tests/sim/at.hpp"

namespace signalbox::sim {
namespace {

using hal::Completion;

TEST(InFlight, GivesWhatEndsFirstAndOfEqualsTheOlder) {
  InFlight<int, 4> operations;
  std::array<int, 4> records{};
  EXPECT_EQ(operations.next(), kNever);
  for (const auto& [index, ms] : {std::pair{0, 30}, std::pair{1, 10}, std::pair{2, 20}, std::pair{3, 10}})
    EXPECT_TRUE(operations.add({&records.at(static_cast<std::size_t>(index)), {at(ms), Completion::done}}));
  EXPECT_TRUE(operations.full());
  EXPECT_FALSE(operations.add({}));
  for (const std::size_t index : {1U, 3U, 2U, 0U}) EXPECT_EQ(operations.take().record, &records.at(index));
  EXPECT_EQ(operations.next(), kNever);
}

TEST(TimeOperation, TakesItsTime) {
  Faults faults;
  const Timing timing = time_operation(faults, "x", at(10), from_ms(3), kNever);
  EXPECT_EQ(timing.ends, at(13));
  EXPECT_EQ(timing.outcome, Completion::done);
}

TEST(TimeOperation, EndsAtItsDeadlineWithoutHappening) {
  Faults faults;
  const Timing timing = time_operation(faults, "x", at(10), from_ms(3), at(9));
  EXPECT_EQ(timing.ends, at(9));
  EXPECT_EQ(timing.outcome, Completion::timed_out);
  // What has begun by then goes on.
  EXPECT_EQ(time_operation(faults, "x", at(10), from_ms(3), at(10)).outcome, Completion::done);
}

TEST(TimeOperation, WaitsWhileItIsHung) {
  Faults faults;
  faults.add({FaultKind::hung, "x", at(0), at(100)});
  EXPECT_EQ(time_operation(faults, "x", at(10), from_ms(3), kNever).ends, at(103));
  EXPECT_EQ(time_operation(faults, "y", at(10), from_ms(3), kNever).ends, at(13));
  const Timing timing = time_operation(faults, "x", at(10), from_ms(3), at(50));
  EXPECT_EQ(timing.ends, at(50));
  EXPECT_EQ(timing.outcome, Completion::timed_out);
}

TEST(TimeOperation, NeverEndsOnWhatIsHungForEver) {
  Faults faults;
  faults.add({FaultKind::hung, "x", at(0), kNever});
  EXPECT_EQ(time_operation(faults, "x", at(10), from_ms(3), kNever).ends, kNever);
  EXPECT_EQ(time_operation(faults, "x", at(10), from_ms(3), at(11)).outcome, Completion::timed_out);
}

TEST(TimeOperation, MaySlowDownOrFail) {
  Faults faults;
  faults.add({FaultKind::slow, "slow"});
  faults.add({FaultKind::fails, "broken"});
  EXPECT_EQ(time_operation(faults, "slow", at(10), from_ms(3), kNever).ends, at(13) + Faults::kSlowness);
  EXPECT_EQ(time_operation(faults, "broken", at(10), from_ms(3), kNever).outcome, Completion::failed);
}

}  // namespace
}  // namespace signalbox::sim
