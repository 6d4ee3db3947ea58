#include "base/ring.hpp"

#include <array>
#include <deque>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <vector>

namespace signalbox {
namespace {

RC_GTEST_PROP(Ring, BehavesLikeABoundedQueue, ()) {
  std::vector<int> slots(*rc::gen::inRange<std::size_t>(1, 6));
  Ring<int> ring{slots};
  std::deque<int> model;
  for (const int step : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 3))) {
    if (step == 2 && !model.empty()) {
      ring.pop();
      model.pop_front();
    } else if (step != 2) {
      const int value = *rc::gen::arbitrary<int>();
      const bool fits = model.size() < slots.size();
      RC_ASSERT(ring.push(value) == fits);
      if (fits) model.push_back(value);
    }
    RC_ASSERT(ring.size() == model.size());
    RC_ASSERT(ring.empty() == model.empty());
    RC_ASSERT(ring.full() == (model.size() == slots.size()));
    for (std::size_t i = 0; i < model.size(); ++i) RC_ASSERT(ring[i] == model[i]);
    if (!model.empty()) RC_ASSERT(ring.front() == model.front());
  }
}

TEST(Ring, DropsItsNewest) {
  std::array<int, 2> slots{};
  Ring<int> ring{slots};
  for (int i = 0; i < 3; ++i) {
    if (ring.full()) ring.pop();
    ring.push(i);
  }
  ring.drop_newest();
  ASSERT_EQ(ring.size(), 1U);
  EXPECT_EQ(ring.front(), 1);
  ring.push(7);
  EXPECT_EQ(ring[1], 7);
}

TEST(Ring, ClearedStartsAnew) {
  std::array<int, 2> slots{};
  Ring<int> ring{slots};
  ring.push(1);
  ring.push(2);
  ring.clear();
  EXPECT_TRUE(ring.empty());
  EXPECT_TRUE(ring.push(3));
  EXPECT_EQ(ring.front(), 3);
}

TEST(Ring, WithoutMemoryTakesNothing) {
  Ring<int> ring;
  EXPECT_EQ(ring.capacity(), 0U);
  EXPECT_FALSE(ring.push(1));
}

TEST(RingDeathTest, MisuseStops) {
  std::array<int, 2> slots{};
  Ring<int> ring{slots};
  ring.push(1);
  EXPECT_DEATH(ring[1], "broken invariant: index < size_");
  ring.pop();
  EXPECT_DEATH(ring.pop(), "broken invariant: size_ > 0");
  EXPECT_DEATH(ring.drop_newest(), "broken invariant: size_ > 0");
  EXPECT_DEATH(ring.front(), "broken invariant");
}

}  // namespace
}  // namespace signalbox
