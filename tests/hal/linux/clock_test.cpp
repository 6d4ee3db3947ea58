#include "hal/linux/clock.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <thread>

namespace signalbox::hal::kernel {
namespace {

TEST(LinuxClock, GoesOn) {
  Clock clock;
  const Instant before = clock.now();
  std::this_thread::sleep_for(std::chrono::milliseconds{20});
  const Duration passed = clock.now() - before;
  EXPECT_GE(passed, from_ms(20));
  EXPECT_LT(passed, from_ms(5000));
}

TEST(LinuxClock, LabelsWithTheWallClock) {
  Clock clock;
  const auto wanted = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  EXPECT_NEAR(static_cast<double>(clock.wall().unix_ms), static_cast<double>(wanted.count()), 1000.0);
}

}  // namespace
}  // namespace signalbox::hal::kernel
