#pragma once

#include <cstdint>

#include "device/sample.hpp"
#include "device/value.hpp"

namespace signalbox::device {

/// A channel's place in the roster.
using ChannelIndex = std::uint16_t;
inline constexpr ChannelIndex kNoChannel = 0xFFFF;

/// What a channel must read. A reading that cannot be trusted fulfils nothing.
struct Condition {
  enum class Test : std::uint8_t { is, below, above };
  ChannelIndex channel = kNoChannel;
  Test test = Test::is;
  Value value{false};  ///< `is`
  double limit = 0.0;  ///< `below`, `above`

  bool holds(const Value& found) const {
    switch (test) {
      case Test::below: return as_number(found) < limit;
      case Test::above: return as_number(found) > limit;
      default: return found == value;
    }
  }
  bool holds(const Sample& sample) const { return is_usable(sample.quality) && holds(sample.value); }

  friend bool operator==(const Condition&, const Condition&) = default;
};

}  // namespace signalbox::device
