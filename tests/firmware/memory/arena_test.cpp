#include "memory/arena.hpp"

#include <array>
#include <gtest/gtest.h>

namespace signalbox::memory {
namespace {

TEST(Arena, IsEmptyAgainWhenTheLastBlockIsGivenBack) {
  alignas(16) std::array<std::byte, 256> memory{};
  Arena arena{memory};
  void* first = arena.allocate(100);
  void* second = arena.allocate(60);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(second) % Arena::kAlignment, 0U);
  EXPECT_GE(static_cast<char*>(second), static_cast<char*>(first) + 100);
  arena.release(first);
  EXPECT_EQ(arena.gauge().used, 172U);
  arena.release(second);
  EXPECT_EQ(arena.gauge().used, 0U);
  EXPECT_EQ(arena.gauge().high_water, 172U);
  EXPECT_EQ(arena.allocate(256), memory.data());
}

TEST(Arena, RefusesWhatDoesNotFitAndGoesOn) {
  alignas(16) std::array<std::byte, 64> memory{};
  Arena arena{memory};
  EXPECT_EQ(arena.allocate(65), nullptr);
  EXPECT_EQ(arena.allocate(SIZE_MAX), nullptr);
  void* block = arena.allocate(64);
  EXPECT_NE(block, nullptr);
  EXPECT_EQ(arena.allocate(1), nullptr);
  EXPECT_EQ(arena.gauge().refused, 3U);
  arena.release(block);
  EXPECT_NE(arena.allocate(64), nullptr);
}

TEST(ArenaDeathTest, StopsAtForeignPointers) {
  std::array<std::byte, 64> memory{};
  Arena arena{memory};
  EXPECT_DEATH(arena.release(memory.data()), "broken invariant");
  EXPECT_NE(arena.allocate(8), nullptr);
  EXPECT_DEATH(arena.release(&arena), "broken invariant");
}

}  // namespace
}  // namespace signalbox::memory
