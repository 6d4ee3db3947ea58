#include "hal/linux/entropy.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <vector>

namespace signalbox::hal::kernel {
namespace {

TEST(LinuxEntropy, FillsEverything) {
  Entropy entropy;
  std::vector<std::byte> one(100'000);
  std::vector<std::byte> other(100'000);
  ASSERT_TRUE(entropy.fill(one));
  ASSERT_TRUE(entropy.fill(other));
  EXPECT_NE(one, other);
  const auto zeros = std::count(one.begin(), one.end(), std::byte{0});
  EXPECT_GT(zeros, 200);
  EXPECT_LT(zeros, 700);
  EXPECT_FALSE(std::all_of(one.end() - 64, one.end(), [](std::byte byte) { return byte == std::byte{0}; }));
}

TEST(LinuxEntropy, FillsNothing) { EXPECT_TRUE(Entropy{}.fill({})); }

}  // namespace
}  // namespace signalbox::hal::kernel
