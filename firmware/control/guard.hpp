#pragma once

#include "control/authority.hpp"
#include "control/failsafe.hpp"
#include "control/interlock.hpp"
#include "control/outputs.hpp"

namespace signalbox::control {

/// Watches the conditions for outputs to be away from their safe values: leases, pulses, interlocks, switches
/// on the device, the stop (which latches), and a reload of the device file.
class Guard {
 public:
  Guard(const device::Roster& roster, Outputs& outputs, Authority& authority, const Interlock& interlock,
        Failsafe& failsafe, ActuationListener& listener)
      : roster_{roster},
        outputs_{outputs},
        authority_{authority},
        interlock_{interlock},
        failsafe_{failsafe},
        listener_{listener} {}

  /// Demands safe values where something does not hold any more.
  void step(Instant now);
  /// When to come again although no new reading is there: a pulse or a lease ends.
  Instant next() const;

  /// The device was stopped before it started, and outputs are safe: they stay so until `reset`.
  void stay_stopped() { stopped_ = true; }
  /// Every output goes safe, and stays so until `reset`.
  void stop(const Actor& actor, Instant now, std::string_view trace_id = {});
  /// Commands are taken again; restores nothing. `stopped` while the wired stop is pressed, or cannot be
  /// read.
  Result<void> reset(const Actor& actor, Instant now, std::string_view trace_id = {});
  bool is_stopped() const { return stopped_; }

  /// These outputs are to be declared anew: they go safe and lose their leases, and neither a command nor a
  /// switch on the device moves them until they are given back.
  void withhold(const device::ChannelSet& outputs, const Actor& actor, Instant now);
  void give_back() { withheld_.reset(); }
  const device::ChannelSet& withheld() const { return withheld_; }

  /// Whether a switch on the device has the output: it was closed when it could last be read.
  bool is_overridden(device::ChannelIndex channel) const;
  /// Whether the switch that may have the output cannot be read.
  bool is_switch_unread(device::ChannelIndex channel) const;

  /// Somebody lost a baton: what they held by lease in its group goes safe. `by`: who took it.
  void baton_lost(device::BatonIndex baton, const Actor& had, const Actor& by, Instant now);
  /// All outputs go safe for good, and no switch on the device moves them.
  void shut_down(Instant now);

 private:
  void watch(device::ChannelIndex channel, Instant now);
  void watch_switch(device::ChannelIndex channel, const device::Condition* broken);
  bool obeys_switch(device::ChannelIndex channel, bool allowed, Instant now);
  bool clears_way(const Planned& planned, Instant now);
  bool reads_unsafe(device::ChannelIndex channel, Instant now);
  void make_all_safe(Cause cause, const Actor& actor, Instant now, bool again = false);
  bool stop_is_pressed() const;
  bool stop_is_blind(Instant now);

  const device::Roster& roster_;
  Outputs& outputs_;
  Authority& authority_;
  const Interlock& interlock_;
  Failsafe& failsafe_;
  ActuationListener& listener_;
  bool stopped_ = false;
  bool shut_down_ = false;
  Instant unread_since_ = kNever;  ///< of the wired stop
  device::ChannelSet withheld_;
  device::ChannelSet closed_;  ///< outputs whose switch on the device was last read closed
  device::ChannelSet spent_;   ///< … and is obeyed, away from the safe value, only once it was open
};

}  // namespace signalbox::control
