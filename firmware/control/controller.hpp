#pragma once

#include <array>
#include <span>
#include <string_view>

#include "base/instant.hpp"
#include "control/authority.hpp"
#include "control/command_queue.hpp"
#include "control/failsafe.hpp"
#include "control/guard.hpp"
#include "control/interlock.hpp"
#include "control/outputs.hpp"
#include "device/roster.hpp"
#include "device/values.hpp"

namespace signalbox::control {

/// Takes commands up the ladder: accepted, applied, verified. Every command gets exactly one final answer. On
/// one channel commands run one after another; a newer one that runs supersedes the verification of an older
/// one. What safety demands goes first.
class Controller {
 public:
  struct Memory {
    std::span<QueuedCommand> queue;
    std::span<OutputState> outputs;  ///< one for each channel
    std::span<Demand> demands;       ///< one for each channel
    Authority::Memory authority;
  };

  Controller(device::Roster& roster, const device::Values& values, const Memory& memory,
             CommandListener& listener, ActuationListener& actuations)
      : outputs_{roster, values, memory.outputs},
        authority_{roster, memory.authority},
        interlock_{outputs_},
        failsafe_{outputs_, memory.demands, actuations},
        guard_{roster, outputs_, authority_, interlock_, failsafe_, actuations},
        queue_{memory.queue},
        listener_{listener},
        actuations_{actuations} {}

  /// The parts have started: outputs hold their initial values, or the safe ones of a device that was stopped
  /// before and stays so.
  void begin(Instant now, bool stopped = false) {
    outputs_.begin(now, stopped);
    if (stopped) guard_.stay_stopped();
  }

  /// Queues a command; `overloaded` where there is no place, `stopped` after `shut_down`. The listener is
  /// told of its end in any case, also where `until` is `accepted` and the answer is given already.
  Result<void> submit(const Command& command);
  /// Moves every command as far as it comes now; returns when a deadline is due.
  Instant step(Instant now);

  /// Makes every output safe at once, before anything that waits. Waiting commands are answered `stopped`,
  /// and so is every new one until `reset`, except a release.
  void stop(const Actor& actor, Instant now, std::string_view trace_id = {});
  Result<void> reset(const Actor& actor, Instant now, std::string_view trace_id = {}) {
    return guard_.reset(actor, now, trace_id);
  }
  bool is_stopped() const { return guard_.is_stopped(); }

  /// Makes a lease last `length` from now, as its output allows; `notFound` where it is not the actor's.
  Result<void> renew(device::ChannelIndex channel, Holder holder, Duration length, Instant now) {
    return authority_.renew_lease(channel, holder, length, now);
  }
  Authority& authority() { return authority_; }
  const Authority& authority() const { return authority_; }
  /// Takes a baton from whoever else has it; what they held by lease in its group goes safe.
  void steal(device::BatonIndex baton, const Actor& actor, Instant now) {
    guard_.baton_lost(baton, authority_.steal(baton, actor), actor, now);
  }

  /// That holder may do nothing any more: what has not reached the hardware is refused, and what it held is
  /// made safe.
  void dismiss(Holder holder, Instant now);

  /// These outputs are to be declared anew: they go safe, their leases end, and commands for them are
  /// answered `superseded` until they are given back.
  void withhold(const device::ChannelSet& outputs, const Actor& actor, Instant now) {
    guard_.withhold(outputs, actor, now);
  }
  /// The first withheld output that is not safe yet, or that something still has to do with; kNoChannel:
  /// none.
  device::ChannelIndex first_unsettled(Instant now);
  void give_back() { guard_.give_back(); }
  /// The channel is an output that has just begun, at its safe value; or is none any more.
  void begin_anew(device::ChannelIndex channel, Instant now);
  /// The output was declared anew. `holds`: the value it holds, in terms of the new declaration. Its safe
  /// value may be another than before.
  void redeclare(device::ChannelIndex channel, const device::Value& holds, const Actor& actor, Instant now);

  /// Drives every output to its declared safe value, once what moves it now has ended, and refuses commands
  /// from then on, the waiting ones too. True once all have arrived or failed; call it after each `step`
  /// until then.
  bool shut_down(Instant now);

  const PoolGauge& gauge() const { return queue_.gauge(); }

 private:
  using Stage = QueuedCommand::Stage;

  /// How long past its deadline a port may keep silent about an operation before its command is answered
  /// `unknown`.
  static constexpr Duration kPortGrace = from_ms(1000);

  void start(QueuedCommand& queued, Instant now);
  bool is_its_turn(const QueuedCommand& queued, Instant now);
  bool plan(QueuedCommand& queued, Instant now);
  bool is_permitted(QueuedCommand& queued, Instant now);
  Result<void> permit(const Command& command, const Write& write, const Planned& planned, Instant now) const;
  void drive(QueuedCommand& queued, Instant now);
  void take_all_driven(Instant now);
  void take_driven(QueuedCommand& queued, Instant now);
  void applied(QueuedCommand& queued, Instant now);
  void not_applied(QueuedCommand& queued, Instant now);
  void withdraw(QueuedCommand& queued, const Withdrawal& why);
  Error error_of(const QueuedCommand& queued, device::ChannelIndex channel, hal::Completion completion) const;
  void conclude(const QueuedCommand& queued, std::size_t place, hal::Completion completion, Instant now);
  void verify(QueuedCommand& queued, Instant now);
  void climb(QueuedCommand& queued, device::Rung rung, bool top);
  void fail(QueuedCommand& queued, const Error& error, Refusals refusals = {});
  void fail_unmoved(QueuedCommand& queued, const Error& error, Instant now, Refusals refusals = {});
  void report(const QueuedCommand& queued, std::size_t place, std::optional<Reason> failed, Instant now);
  bool is_first_on_its_channels(const QueuedCommand& queued);
  bool is_driving(device::ChannelIndex channel);
  void supersede(device::ChannelIndex channel, std::string_view why);
  void refuse_withheld(Instant now);
  void refuse_waiting(std::string_view why, Instant now);
  void secure(Instant now);
  Instant make_demanded(Instant now);
  Instant next_deadline(const QueuedCommand& queued, Instant now) const;

  Outputs outputs_;
  Authority authority_;
  Interlock interlock_;
  Failsafe failsafe_;
  Guard guard_;
  CommandQueue queue_;
  CommandListener& listener_;
  ActuationListener& actuations_;
  bool is_shut_down_ = false;
};

}  // namespace signalbox::control
