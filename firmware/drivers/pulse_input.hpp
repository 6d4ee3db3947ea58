#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/log.hpp"
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
  ~PulseInput() {
    if (place_ != hal::Digital::kNoLine) digital_->release(place_);
  }

  Result<void> open() {
    if (digital_ != nullptr) place_ = digital_->claim_input(line_, setup_);
    if (place_ != hal::Digital::kNoLine) return {};
    return Error{Reason::not_found,
                 format_text<95>("no free input line \"%s\" on this board", line_.c_str())};
  }
  bool is_pending() const { return read_.completion == hal::Completion::pending; }
  /// Begins a reading. While none is pending.
  void ask(Instant now) {
    asked_at_ = now;
    read_.deadline = now + kPatience;
    digital_->read(place_, read_);
  }
  /// Whether one has ended since it was asked; then the rest is new.
  bool take() {
    if (!hal::is_final(read_.completion)) return false;
    fault_ = {};
    if (std::exchange(read_.completion, hal::Completion::idle) == hal::Completion::done)
      count(read_.edges);
    else
      fault_ = "line not readable";
    return true;
  }

  /// Why the last reading is none; empty where it is one.
  std::string_view fault() const { return fault_; }
  std::uint64_t pulses() const { return pulses_; }
  /// Over the time from the last pulse of the reading before to the last one. While none comes it falls with
  /// the time since.
  double per_second() const { return per_second_; }

 private:
  static constexpr Duration kPatience = from_ms(100);

  static double each_second(std::uint64_t pulses, Duration within) {
    return static_cast<double>(pulses) / std::chrono::duration<double>(std::max(within, Duration{1})).count();
  }
  void count(const hal::EdgeTally& edges) {
    if (edges.since != before_.since) {
      if (before_.since != Instant{}) {
        log(Severity::warning, "line %s: its pulses were not counted for a while", line_.c_str());
        fault_ = "pulses missed";
      }
      before_ = {};
      per_second_ = 0.0;
    }
    const std::uint64_t fresh = edges.count - before_.count;
    pulses_ += fresh;
    rate(edges, fresh);
    before_ = edges;
  }
  void rate(const hal::EdgeTally& edges, std::uint64_t fresh) {
    if (fresh > 0 && per_second_ > 0.0)
      per_second_ = each_second(fresh, edges.last_at - before_.last_at);
    else if (fresh > 0)  // it stood still: how long says nothing of how fast it is now
      per_second_ = edges.last_apart > Duration{0} ? each_second(1, edges.last_apart) : 0.0;
    const Duration quiet = asked_at_ - edges.last_at;
    if (quiet >= standstill_)
      per_second_ = 0.0;
    else if (fresh == 0 && quiet > Duration{0})
      per_second_ = std::min(per_second_, each_second(1, quiet));
  }

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
