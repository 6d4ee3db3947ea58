#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/log.hpp"
#include "device/cadence.hpp"
#include "device/part_kind.hpp"
#include "hal/operation.hpp"

namespace signalbox::drivers {

/// Base of the drivers of chips on a bus. A measurement is a sequence of transfers; each is asked for when
/// the one before it has ended.
class BusChip : public device::Sensor {
 protected:
  /// Reports for `ports` ports, every `period`, or as often as its measurements end where they take longer.
  /// `completion` is that of its transfer, of which there is one.
  BusChip(std::size_t ports, Duration period, hal::Completion& completion)
      : ports_{static_cast<std::uint8_t>(ports)}, cadence_{period}, completion_{completion} {}

  // What a measurement does next, as `do_begin` and `do_go_on` tell it. If they tell nothing, it is over.
  /// The transfer is to be made, `after` a rest.
  void go_on(Duration after = {});
  /// It failed, at all ports. Logged, once.
  void fail(std::string_view why);

 private:
  static constexpr Duration kPatience = from_ms(100);  ///< of each transfer

  /// A measurement begins. `afresh`: the first one, or the last one failed, so that the chip may be another
  /// one or have lost its settings.
  virtual void do_begin(bool afresh) = 0;
  /// The transfer that was asked for has ended well.
  virtual void do_go_on(device::ReadingSink& sink) = 0;
  /// Makes the transfer, by that deadline; where the bus refuses it, that is how it ended.
  virtual void do_submit(Instant deadline) = 0;
  /// Where it is, for a person.
  virtual FixedText<63> do_place() const = 0;

  Instant do_step(Instant now, device::ReadingSink& sink) override;
  bool do_is_quiet() const override { return completion_ != hal::Completion::pending; }
  void begin(Instant now);
  void take(Instant now, device::ReadingSink& sink);
  static constexpr std::string_view fault_of(hal::Completion completion) {
    switch (completion) {
      case hal::Completion::absent: return "not there: is its bus switched on?";
      case hal::Completion::no_reply: return "no reply";
      case hal::Completion::timed_out: return "bus stuck or busy";
      default: return "bus refused";
    }
  }

  std::uint8_t ports_;
  bool is_afresh_ = true;
  bool is_measuring_ = false;
  bool goes_on_ = false;  ///< something was asked for
  bool has_failed_ = false;
  Duration rest_{};
  Instant goes_on_at_{};
  device::Cadence cadence_;
  hal::Completion& completion_;
  FixedText<95> trouble_;  ///< as it was logged
};

inline void BusChip::go_on(Duration after) {
  rest_ = after;
  goes_on_ = true;
}

inline Instant BusChip::do_step(Instant now, device::ReadingSink& sink) {
  for (;;) {
    if (hal::is_final(completion_)) take(now, sink);
    if (completion_ == hal::Completion::pending) return kNever;
    if (!is_measuring_) {
      if (!cadence_.is_due(now)) return cadence_.next();
      begin(now);
    }
    if (now < goes_on_at_) return goes_on_at_;
    do_submit(now + kPatience);
  }
}

inline void BusChip::begin(Instant now) {
  cadence_.begin(now);
  is_measuring_ = true;
  do_begin(std::exchange(is_afresh_, false));
  goes_on_at_ = now + rest_;
}

inline void BusChip::take(Instant now, device::ReadingSink& sink) {
  const hal::Completion ended = std::exchange(completion_, hal::Completion::idle);
  goes_on_ = has_failed_ = false;
  if (ended == hal::Completion::done)
    do_go_on(sink);
  else
    fail(fault_of(ended));
  if (goes_on_ && !has_failed_) {
    goes_on_at_ = now + rest_;
    return;
  }
  is_measuring_ = false;
  is_afresh_ = has_failed_;
  if (has_failed_) {
    cadence_.failed(now);
    for (std::uint8_t port = 0; port < ports_; ++port) sink.fault(port, trouble_);
    return;
  }
  cadence_.succeeded();
  if (trouble_.empty()) return;
  trouble_ = {};
  log(Severity::info, "%s: it measures", do_place().c_str());
}

inline void BusChip::fail(std::string_view why) {
  has_failed_ = true;
  if (why == trouble_.view()) return;
  trouble_ = why;
  log(Severity::warning, "%s: %s", do_place().c_str(), trouble_.c_str());
}

}  // namespace signalbox::drivers
