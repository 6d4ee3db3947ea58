#pragma once

#include <algorithm>
#include <cstdint>

#include "base/instant.hpp"

namespace signalbox {

/// So many a second, and so many at once.
struct Rate {
  std::uint32_t per_s = 0;  ///< 0: not limited
  std::uint32_t burst = 1;  ///< at least what is taken at once
};

/// A token bucket, kept as one moment: when it will be full again (the virtual scheduling of GCRA, ITU-T
/// I.371). A new one is full. The caller keeps the rate, so that many buckets can share one.
class TokenBucket {
 public:
  /// Takes `count` tokens and returns 0. Where there are fewer: takes none, and returns how long until there
  /// are enough.
  Duration take(const Rate& rate, Instant now, std::uint32_t count = 1) {
    if (rate.per_s == 0) return {};
    const Duration lacking =
        std::max(full_at_ - now, Duration{}) + cost(rate, count) - cost(rate, rate.burst);
    if (lacking > Duration{}) return lacking;
    charge(rate, now, count);
    return {};
  }
  /// Takes `count` tokens even where there are fewer: the bucket then owes them.
  void charge(const Rate& rate, Instant now, std::uint32_t count) {
    if (rate.per_s != 0) full_at_ = std::max(full_at_, now) + cost(rate, count);
  }
  /// How long until nothing is owed.
  Duration owed(const Rate& rate, Instant now) const {
    if (rate.per_s == 0) return {};
    return std::max(full_at_ - now - cost(rate, rate.burst), Duration{});
  }
  bool is_full(Instant now) const { return full_at_ <= now; }
  Instant full_at() const { return full_at_; }

 private:
  static constexpr Duration cost(const Rate& rate, std::uint32_t count) {
    constexpr std::uint64_t kSecond = 1'000'000;
    return Duration{static_cast<std::int64_t>((count * kSecond + rate.per_s - 1) / rate.per_s)};
  }

  Instant full_at_{};
};

}  // namespace signalbox
