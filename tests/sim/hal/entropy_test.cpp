#include "sim/hal/entropy.hpp"

#include <array>
#include <gtest/gtest.h>

namespace signalbox::sim {
namespace {

TEST(SimEntropy, IsTheSameForTheSameSeed) {
  std::array<std::byte, 32> one{};
  std::array<std::byte, 32> same{};
  std::array<std::byte, 32> other{};
  EXPECT_TRUE(Entropy{1}.fill(one));
  EXPECT_TRUE(Entropy{1}.fill(same));
  EXPECT_TRUE(Entropy{2}.fill(other));
  EXPECT_EQ(one, same);
  EXPECT_NE(one, other);
}

TEST(SimEntropy, CanRunDry) {
  Entropy entropy{1};
  entropy.run_dry();
  std::array<std::byte, 4> bytes{};
  EXPECT_FALSE(entropy.fill(bytes));
}

}  // namespace
}  // namespace signalbox::sim
