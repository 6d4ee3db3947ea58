#pragma once

#include <algorithm>
#include <optional>
#include <span>

#include "control/actuation.hpp"
#include "control/outputs.hpp"

namespace signalbox::control {

/// A value that an output must take, and why.
struct Wanted {
  Cause cause = Cause::command;
  Actor actor{};
  device::Value value{};
  Instant asked_at{};
};

/// What an output must take, whatever anybody wants.
struct Demand {
  bool active = false;
  bool driving = false;
  bool failed = false;  ///< at least once; it is tried again
  Wanted wanted{};
  Wanted driven{};  ///< while `driving`; something stronger may be wanted by now
  /// The safe value that was wanted before a switch on the device wanted another.
  std::optional<Wanted> displaced{};
  Instant again_at{};
  Instant told_at = Instant::min();  ///< that it read otherwise although told to be safe
  bool failure_told = false;         ///< and its end was not
};

/// Brings outputs to the value that safety demands, and goes on until they have it. A write of another value
/// that is under way is withdrawn. What fails is tried again, until it succeeds or a stronger cause takes
/// over.
class Failsafe {
 public:
  Failsafe(Outputs& outputs, std::span<Demand> demands, ActuationListener& listener);

  /// From the next step on the output goes to its safe value. A weaker cause than the present one changes
  /// nothing.
  void make_safe(device::ChannelIndex channel, Cause cause, const Actor& actor, Instant now) {
    demand(channel, outputs_.rules(channel).safe, cause, actor, now);
  }
  void demand(device::ChannelIndex channel, const device::Value& value, Cause cause, const Actor& actor,
              Instant now);

  /// Takes back what that cause demanded. If the output does not have that value yet, the demand before it
  /// counts again.
  void drop(device::ChannelIndex channel, Cause cause);

  /// Drives what is demanded as soon as nothing else drives it; `is_busy(channel)` tells whether something
  /// does. Calls `takes_over(channel)` before it drives. Returns when to come again, beside each completion.
  template <typename IsBusy, typename TakesOver>
  Instant step(Instant now, IsBusy&& is_busy, TakesOver&& takes_over) {
    Instant next = kNever;
    for (const device::ChannelIndex channel : outputs_.all()) {
      Demand& demanded = demands_[channel];
      if (demanded.driving) conclude(channel, now);
      if (!demanded.active || demanded.driving || outputs_.is_moving(channel, now) || is_busy(channel))
        continue;
      if (now >= demanded.again_at) {
        takes_over(channel);
        drive(channel, now);
      }
      if (demanded.active && !demanded.driving) next = std::min(next, demanded.again_at);
    }
    return next;
  }

  /// Nothing is demanded of the channel: it is no output any more, or another one, which is safe.
  void forget(device::ChannelIndex channel) { demands_[channel] = Demand{}; }

  /// Whether an output is on its way to a demanded value.
  bool has_demand(device::ChannelIndex channel) const { return demands_[channel].active; }
  /// Why it is.
  std::optional<Cause> cause_of(device::ChannelIndex channel) const {
    return has_demand(channel) ? std::optional{demands_[channel].wanted.cause} : std::nullopt;
  }
  /// Whether every demand was met or has failed once.
  bool is_settled() const;

 private:
  /// How long an output may take to become safe before it is told to again.
  static constexpr Duration kSafeWithin = from_ms(1000);

  void drive(device::ChannelIndex channel, Instant now);
  void conclude(device::ChannelIndex channel, Instant now);
  static bool is_to_be_told(const Demand& demanded, bool done, Instant now);

  Outputs& outputs_;
  std::span<Demand> demands_;
  ActuationListener& listener_;
};

}  // namespace signalbox::control
