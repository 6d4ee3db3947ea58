#include "base/slot_pool.hpp"

#include <array>
#include <gtest/gtest.h>
#include <limits>
#include <rapidcheck/gtest.h>
#include <set>
#include <utility>
#include <vector>

namespace signalbox {
namespace {

/// Knows how many of it are alive.
struct Counted {
  Counted(int start, int& alive) : value{start}, alive_{alive} { ++alive_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --alive_; }
  int value;

 private:
  int& alive_;
};

using Pool = SlotPool<Counted>;

RC_GTEST_PROP(SlotPool, BehavesLikeABoundedSetOfObjects, ()) {
  int alive = 0;
  std::vector<Pool::Slot> slots(*rc::gen::inRange<std::size_t>(0, 5));
  {
    Pool pool{slots};
    std::vector<std::pair<Handle, int>> model;
    std::vector<Handle> stale;
    std::size_t high_water = 0;
    std::uint64_t refused = 0;
    for (const int step : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 100))) {
      if (step < 60) {
        const Handle handle = pool.take(step, alive);
        RC_ASSERT(static_cast<bool>(handle) == (model.size() < slots.size()));
        if (handle) {
          model.emplace_back(handle, step);
        } else {
          ++refused;
        }
        high_water = std::max(high_water, model.size());
      } else if (!model.empty()) {
        const auto victim = model.begin() + step % static_cast<int>(model.size());
        pool.give_back(victim->first);
        stale.push_back(victim->first);
        model.erase(victim);
      }
      for (const auto& [handle, value] : model) RC_ASSERT(pool.at(handle).value == value);
      for (const Handle& handle : stale) RC_ASSERT(pool.find(handle) == nullptr);
      std::set<int*> places;
      pool.each([&](Handle handle, Counted& object) {
        RC_ASSERT(pool.find(handle) == &object);
        places.insert(&object.value);
      });
      RC_ASSERT(places.size() == model.size());
      RC_ASSERT(static_cast<std::size_t>(alive) == model.size());
      RC_ASSERT(pool.gauge().used == model.size());
      RC_ASSERT(pool.gauge().high_water == high_water);
      RC_ASSERT(pool.gauge().refused == refused);
      RC_ASSERT(pool.gauge().capacity == slots.size());
    }
  }
  RC_ASSERT(alive == 0);
}

TEST(SlotPool, TheEmptyHandleFindsNothing) {
  std::array<SlotPool<int>::Slot, 1> slots{};
  SlotPool<int> pool{slots};
  EXPECT_EQ(pool.find(Handle{}), nullptr);
  EXPECT_EQ(pool.find(Handle{.index = 9, .generation = 1}), nullptr);
}

TEST(SlotPool, AGenerationThatRunsOverIsNeverTheEmptyOne) {
  std::array<SlotPool<int>::Slot, 1> slots{};
  slots[0].generation = std::numeric_limits<std::uint32_t>::max();
  SlotPool<int> pool{slots};
  const Handle handle = pool.take(7);
  EXPECT_TRUE(static_cast<bool>(handle));
  EXPECT_EQ(pool.at(handle), 7);
}

TEST(SlotPool, TheVisitedOneMayBeGivenBack) {
  int alive = 0;
  std::array<Pool::Slot, 3> slots{};
  Pool pool{slots};
  for (int i = 0; i < 3; ++i) pool.take(i, alive);
  pool.each([&pool](Handle handle, const Counted& object) {
    if (object.value != 1) pool.give_back(handle);
  });
  EXPECT_EQ(alive, 1);
  EXPECT_EQ(pool.gauge().used, 1U);
}

TEST(SlotPoolDeathTest, GivingBackTwiceStops) {
  std::array<SlotPool<int>::Slot, 2> slots{};
  SlotPool<int> pool{slots};
  const Handle handle = pool.take(1);
  pool.give_back(handle);
  EXPECT_DEATH(pool.give_back(handle), "broken invariant");
  EXPECT_DEATH(pool.at(handle), "broken invariant");
}

}  // namespace
}  // namespace signalbox
