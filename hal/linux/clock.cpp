#include "hal/linux/clock.hpp"

#include <ctime>

namespace signalbox::hal::kernel {
namespace {

std::chrono::nanoseconds read_clock(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);  // cannot fail for these two clocks
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

}  // namespace

Instant Clock::do_now() { return Instant{std::chrono::duration_cast<Duration>(read_clock(CLOCK_MONOTONIC))}; }

WallTime Clock::do_wall() {
  return {std::chrono::duration_cast<std::chrono::milliseconds>(read_clock(CLOCK_REALTIME)).count()};
}

}  // namespace signalbox::hal::kernel
