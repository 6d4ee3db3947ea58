#pragma once

#include <chrono>
#include <cstdint>

namespace signalbox {

/// All durations in the firmware; microseconds are fine enough for a field device and span 292,000 years.
using Duration = std::chrono::microseconds;

/// The device's monotonic time line. It has no `now()`: whoever steps the machine brings the time.
struct Monotonic {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<Monotonic, Duration>;
  static constexpr bool is_steady = true;
};

/// A moment on the monotonic time line; decides every deadline.
using Instant = Monotonic::time_point;

/// "Nothing to wait for."
inline constexpr Instant kNever = Instant::max();

constexpr Duration from_ms(std::int64_t ms) { return std::chrono::milliseconds{ms}; }
constexpr std::int64_t to_ms(Duration d) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
}

/// The next multiple of `period` after `now`: all who wait for such moments wake the processor once.
constexpr Instant next_multiple(Instant now, Duration period) {
  return now + period - now.time_since_epoch() % period;
}

/// Unix time in milliseconds. A label for people; it never decides anything.
struct WallTime {
  std::int64_t unix_ms = 0;
};

/// Ties the two time lines together; refreshed by whoever steps the machine.
struct WallClock {
  Instant at{};
  WallTime wall{};
  /// The label of a monotonic moment.
  constexpr WallTime label(Instant moment) const { return {wall.unix_ms + to_ms(moment - at)}; }
};

}  // namespace signalbox
