#include "memory/region.hpp"

#include <cstring>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <vector>

namespace signalbox::memory {
namespace {

struct Held {
  unsigned char* block;
  std::size_t bytes;
  unsigned char fill;
};

bool intact(const Held& held) {
  for (std::size_t i = 0; i < held.bytes; ++i)
    if (held.block[i] != held.fill) return false;
  return true;
}

std::size_t bytes_at_random() {
  return *rc::gen::oneOf(rc::gen::inRange<std::size_t>(0, 64), rc::gen::inRange<std::size_t>(0, 1024),
                         rc::gen::inRange<std::size_t>(0, 20000));
}

struct Model {
  explicit Model(std::size_t size) : memory(size), region{memory} {}

  void allocate() {
    const std::size_t bytes = bytes_at_random();
    const std::size_t room = region.largest_free_bytes();
    auto* block = static_cast<unsigned char*>(region.allocate(bytes));
    if (block == nullptr) {
      RC_ASSERT(room < bytes + bytes / 8 + 64);  // a refusal wastes at most the width of a size class
      return;
    }
    keep(block, bytes);
  }
  void release() {
    if (held.empty()) return;
    const std::size_t which = *rc::gen::inRange<std::size_t>(0, held.size());
    RC_ASSERT(intact(held[which]));
    region.release(held[which].block);
    held.erase(held.begin() + static_cast<std::ptrdiff_t>(which));
  }
  void reallocate() {
    if (held.empty()) return;
    const std::size_t which = *rc::gen::inRange<std::size_t>(0, held.size());
    const Held before = held[which];
    const std::size_t bytes = bytes_at_random();
    auto* block = static_cast<unsigned char*>(region.reallocate(before.block, bytes));
    if (block == nullptr) {
      RC_ASSERT(intact(before));
      return;
    }
    RC_ASSERT(intact({block, std::min(bytes, before.bytes), before.fill}));
    held.erase(held.begin() + static_cast<std::ptrdiff_t>(which));
    keep(block, bytes);
  }
  void keep(unsigned char* block, std::size_t bytes) {
    RC_ASSERT(reinterpret_cast<std::uintptr_t>(block) % Region::kAlignment == 0U);
    RC_ASSERT(region.usable_bytes(block) >= bytes);
    RC_ASSERT(block >= reinterpret_cast<unsigned char*>(memory.data()));
    RC_ASSERT(block + bytes <= reinterpret_cast<unsigned char*>(memory.data()) + memory.size());
    std::memset(block, ++fill, bytes);
    held.push_back({block, bytes, fill});
  }

  std::vector<std::byte> memory;
  Region region;
  std::vector<Held> held;
  unsigned char fill = 0;
};

RC_GTEST_PROP(RegionProperty, KeepsContentsApartAndMergesToOneBlock, ()) {
  Model model{*rc::gen::inRange<std::size_t>(100, 100000)};
  const std::size_t whole = model.region.largest_free_bytes();
  const auto steps =
      *rc::gen::container<std::vector<int>>(rc::gen::weightedElement<int>({{4, 0}, {3, 1}, {2, 2}}));
  for (const int step : steps) {
    if (step == 0) model.allocate();
    if (step == 1) model.release();
    if (step == 2) model.reallocate();
    RC_ASSERT(model.region.check());
    RC_ASSERT(model.region.blocks_in_use() == model.held.size());
  }
  for (const Held& held : model.held) {
    RC_ASSERT(intact(held));
    model.region.release(held.block);
  }
  RC_ASSERT(model.region.check());
  RC_ASSERT(model.region.gauge().used == 0U);
  RC_ASSERT(model.region.largest_free_bytes() == whole);
}

TEST(Region, GivesAllOfItsMemoryInOneBlock) {
  alignas(16) std::array<std::byte, 4096> memory{};
  Region region{memory};
  const std::size_t whole = region.largest_free_bytes();
  EXPECT_GE(whole, memory.size() - 64);
  void* block = region.allocate(whole);
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(region.gauge().used, region.gauge().capacity);
  EXPECT_EQ(region.allocate(1), nullptr);
  EXPECT_EQ(region.gauge().refused, 1U);
  region.release(block);
  EXPECT_EQ(region.gauge().high_water, region.gauge().capacity);
}

TEST(Region, RefusesWhatNoRegionCanHold) {
  std::array<std::byte, 4096> memory{};
  Region region{memory};
  EXPECT_EQ(region.allocate(SIZE_MAX), nullptr);
  EXPECT_EQ(region.allocate(0x7FFFFFFFU), nullptr);
  EXPECT_EQ(region.allocate(4096), nullptr);
  void* block = region.allocate(10);
  EXPECT_EQ(region.reallocate(block, SIZE_MAX), nullptr);
  EXPECT_EQ(region.blocks_in_use(), 1U);
  EXPECT_EQ(region.gauge().refused, 4U);
  EXPECT_TRUE(region.check());
}

TEST(Region, GrowsInPlaceWhereTheNextBlockIsFree) {
  std::array<std::byte, 4096> memory{};
  Region region{memory};
  void* block = region.allocate(100);
  EXPECT_EQ(region.reallocate(block, 2000), block);
  void* next = region.allocate(100);
  void* moved = region.reallocate(block, 20);
  EXPECT_EQ(moved, block);
  region.release(next);
  EXPECT_TRUE(region.check());
}

TEST(Region, FragmentsLittleUnderALibrarysLoad) {
  // Sizes and lifetimes as in TLS: many short-lived small blocks, a few large ones that stay.
  std::vector<std::byte> memory(1 << 20);
  Region region{memory};
  std::vector<void*> large;
  std::uint32_t random = 1;
  const auto next = [&random](std::uint32_t range) {
    random = random * 1664525U + 1013904223U;
    return (random >> 8) % range;
  };
  std::array<void*, 64> small{};
  for (int round = 0; round < 200000; ++round) {
    void*& slot = small[next(64)];
    region.release(slot);
    slot = region.allocate(16 + next(600));
    ASSERT_NE(slot, nullptr);
    if (round % 5000 == 0) large.push_back(region.allocate(16700));
  }
  for (void* block : large) ASSERT_NE(block, nullptr);
  EXPECT_TRUE(region.check());
  EXPECT_LT(region.gauge().high_water, 40U * 16800U + 64U * 640U);
  EXPECT_GE(region.largest_free_bytes(), (memory.size() - region.gauge().used) / 2);
}

using RegionDeathTest = ::testing::Test;

TEST(RegionDeathTest, StopsAtADoubleReleaseAndAtForeignPointers) {
  std::array<std::byte, 4096> memory{};
  Region region{memory};
  void* first = region.allocate(100);
  void* second = region.allocate(100);
  region.release(first);
  EXPECT_DEATH(region.release(first), "broken invariant");
  EXPECT_DEATH(region.release(static_cast<char*>(second) + 16), "broken invariant");
  EXPECT_DEATH(region.release(&region), "broken invariant");
  region.release(second);
  EXPECT_DEATH(region.release(second), "broken invariant");
}

}  // namespace
}  // namespace signalbox::memory
