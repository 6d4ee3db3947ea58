#pragma once

#include <functional>
#include <string_view>
#include <utility>

#include "base/fixed_text.hpp"
#include "base/instant.hpp"

namespace signalbox::sim::twins {

/// A weather station on a serial line, which tells the temperature in a sentence of NMEA 0183 each second.
class SerialText {
 public:
  static constexpr Duration kEvery = from_ms(1000);

  explicit SerialText(std::function<double()> celsius) : celsius_{std::move(celsius)} {}

  /// How many lines it has told by then.
  std::int64_t told(Instant at) const { return at.time_since_epoch() / kEvery; }
  /// The last one.
  FixedText<127> line() const {
    const auto words = format_text<95>("WIMTA,%.1f,C", celsius_());
    unsigned sum = is_disturbed_ ? 1 : 0;
    for (const char its : words.view()) sum ^= static_cast<unsigned char>(its);
    return format_text<127>("$%s*%02X", words.c_str(), sum);
  }
  /// A bit turns on the way, or no more.
  void disturb(bool disturbed) { is_disturbed_ = disturbed; }

 private:
  std::function<double()> celsius_;
  bool is_disturbed_ = false;
};

}  // namespace signalbox::sim::twins
