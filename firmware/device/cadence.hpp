#pragma once

#include <algorithm>
#include <cstdint>

#include "base/instant.hpp"

namespace signalbox::device {

/// When a part measures: at once, then every period, and ever more seldom (up to 32 periods, or `longest`)
/// while it fails. It keeps its rhythm when steps come late and skips what was missed: those that began
/// together are due together, and wake the device once.
class Cadence {
 public:
  /// The longest pause after an output could not be read back. It is short: to know what an output does
  /// matters more than a free bus.
  static constexpr Duration kOfOutput = from_ms(500);

  explicit Cadence(Duration period, Duration longest = from_ms(30'000))
      : period_{period}, longest_{std::max(period, longest)} {}

  bool is_due(Instant now) const { return now >= next_; }
  Instant next() const { return next_; }
  /// A measurement begins.
  void begin(Instant now) {
    const Instant due = next_ == Instant::min() ? now : next_;
    next_ = due + period_ * ((now - due) / period_ + 1);
  }
  void succeeded() { failures_ = 0; }
  void failed(Instant now) {
    failures_ = std::min(failures_ + 1, 5);
    const Duration pause = std::min(period_ * (1 << failures_), longest_);
    next_ = std::max(next_, now + pause);
  }

 private:
  Duration period_;
  Duration longest_;
  Instant next_ = Instant::min();
  int failures_ = 0;
};

}  // namespace signalbox::device
