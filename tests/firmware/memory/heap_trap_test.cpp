#include "memory/heap_trap.hpp"

#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>
#include <memory>
#include <string_view>

namespace signalbox::memory {
namespace {

class HeapTrapTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!HeapTrap::is_linked()) GTEST_SKIP() << "the address sanitizer owns malloc";
  }
  void TearDown() override { HeapTrap::disarm(); }
};

template <typename Use>
std::uint64_t calls_of(Use use) {
  HeapTrap::arm();
  use();
  HeapTrap::disarm();
  return HeapTrap::calls();
}

/// Keeps the compiler from removing a pair of calls whose result nobody looks at.
void* seen(void* block) {
  asm volatile("" : "+r"(block) : : "memory");
  return block;
}

TEST_F(HeapTrapTest, CountsTheWholeFamily) {
  EXPECT_EQ(calls_of([] {}), 0U);
  volatile std::size_t bytes = 40;
  EXPECT_EQ(calls_of([&] { std::free(seen(std::malloc(bytes))); }), 2U);
  EXPECT_EQ(calls_of([&] { std::free(seen(std::realloc(seen(std::calloc(bytes, 2)), 200 * bytes))); }), 3U);
  EXPECT_EQ(calls_of([&] { std::free(seen(std::aligned_alloc(64, 64 * bytes))); }), 2U);
  EXPECT_EQ(calls_of([&] {
              void* block = nullptr;
              ASSERT_EQ(posix_memalign(&block, 64, bytes), 0);
              std::free(block);
            }),
            2U);
  EXPECT_EQ(calls_of([&] { delete[] static_cast<char*>(seen(new char[bytes])); }), 2U);
  EXPECT_EQ(calls_of([] { std::free(nullptr); }), 0U);
}

TEST_F(HeapTrapTest, SeesTheCLibrarysOwnCalls) {
  EXPECT_GT(calls_of([] { std::fclose(std::fopen("/dev/null", "r")); }), 0U);
}

TEST_F(HeapTrapTest, TellsWhoCalledFirst) {
  volatile std::size_t bytes = 40;
  calls_of([&] { std::free(seen(std::malloc(bytes))); });
  EXPECT_EQ(std::string_view{HeapTrap::caller(0).function}, "malloc");
  EXPECT_NE(HeapTrap::caller(0).frames[0], nullptr);
  EXPECT_EQ(std::string_view{HeapTrap::caller(1).function}, "free");
  EXPECT_EQ(HeapTrap::caller(2).function, nullptr);
}

}  // namespace
}  // namespace signalbox::memory
