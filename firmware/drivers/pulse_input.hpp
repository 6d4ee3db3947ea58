#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"
#include "device/value.hpp"
#include "hal/digital.hpp"

namespace signalbox::drivers {

/// A line whose pulses are counted, for the kinds that make something of them; not a kind itself. A pulse is
/// one edge, and the time of each is the port's.
class PulseInput {
 public:
  /// Without a pulse for `standstill` the rate is 0.
  PulseInput(hal::Digital* digital, std::string_view line, const hal::InputSetup& setup, Duration standstill)
      : digital_{digital}, line_{line}, setup_{setup}, standstill_{standstill} {}
  PulseInput(const PulseInput&) = delete;
  PulseInput& operator=(const PulseInput&) = delete;
  ~PulseInput();

  Result<void> open();
  bool is_pending() const { return read_.completion == hal::Completion::pending; }
  /// Begins a reading. While none is pending.
  void ask(Instant now);
  /// Whether one has ended since it was asked; then the rest is new.
  bool take();

  /// Why the last reading is none; empty where it is one.
  std::string_view fault() const { return fault_; }
  std::uint64_t pulses() const { return pulses_; }
  /// Over the time from the last pulse of the reading before to the last one. While none comes it falls with
  /// the time since.
  double per_second() const { return per_second_; }

 private:
  void count(const hal::EdgeTally& edges);
  void rate(const hal::EdgeTally& edges, std::uint64_t fresh);

  hal::Digital* digital_;
  device::Text line_;
  hal::InputSetup setup_;
  Duration standstill_;
  int place_ = hal::Digital::kNoLine;
  hal::DigitalOperation read_{};
  Instant asked_at_{};
  hal::EdgeTally before_{};
  std::uint64_t pulses_ = 0;
  double per_second_ = 0.0;
  std::string_view fault_;
};

}  // namespace signalbox::drivers
