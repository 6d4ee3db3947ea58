#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>

#include "base/instant.hpp"

namespace signalbox {

/// How long something took, and how often: whole microseconds in buckets an eighth of a power of two wide, so
/// that a quantile is told at most 12.5 % too high. What takes longer than an hour counts as that.
class Latencies {
 public:
  void add(Duration taken) {
    const auto us = static_cast<std::uint64_t>(std::clamp<std::int64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(taken).count(), 0, kMax_us));
    ++counts_[bucket_of(us)];
    ++count_;
    sum_us_ += us;
    longest_us_ = std::max(longest_us_, us);
  }
  std::uint64_t count() const { return count_; }
  std::uint64_t longest_us() const { return longest_us_; }
  /// All of them together, in whole microseconds each.
  std::uint64_t sum_us() const { return sum_us_; }
  /// How many took less than that power of two microseconds, exactly; `bits` from 3 to 31.
  std::uint64_t below_us(unsigned bits) const {
    const auto end = counts_.begin() + static_cast<std::ptrdiff_t>(bucket_of(std::uint64_t{1} << bits));
    return std::accumulate(counts_.begin(), end, std::uint64_t{0});
  }
  /// The quantile: that share (0 to 1) of them took no longer, in microseconds; 0 where there are none.
  std::uint64_t quantile_us(double share) const {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
      seen += counts_[bucket];
      if (seen > 0 && seen >= wanted) return std::min(end_of(bucket), longest_us_);
    }
    return longest_us_;
  }

 private:
  static constexpr std::int64_t kMax_us = 3'600'000'000;
  static constexpr unsigned kParts = 8;  ///< of each power of two
  static constexpr unsigned kPartBits = 3;

  /// Below 8 each has its own; above, the three bits behind the highest tell the part.
  static constexpr std::size_t bucket_of(std::uint64_t us) {
    if (us < kParts) return static_cast<std::size_t>(us);
    const auto shift = static_cast<unsigned>(std::bit_width(us)) - 1 - kPartBits;
    return (static_cast<std::size_t>(shift) << kPartBits) + static_cast<std::size_t>(us >> shift);
  }
  /// The highest that falls into it.
  static constexpr std::uint64_t end_of(std::size_t bucket) {
    if (bucket < kParts) return bucket;
    const std::size_t shift = (bucket >> kPartBits) - 1;
    return (((bucket & (kParts - 1)) + kParts + 1) << shift) - 1;
  }
  static constexpr std::size_t kBuckets = 32 * kParts;  // kMax_us has 32 bits

  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t sum_us_ = 0;
  std::uint64_t longest_us_ = 0;
};

}  // namespace signalbox
