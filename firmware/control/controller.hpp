#pragma once

#include <span>

#include "base/instant.hpp"
#include "control/command_queue.hpp"
#include "device/roster.hpp"
#include "device/values.hpp"

namespace signalbox::control {

/// Takes commands up the ladder: accepted, applied, verified; every one is answered finally exactly once.
/// On one channel commands run one after another; a newer one that runs supersedes an older one's
/// verification.
class Controller {
 public:
  Controller(device::Roster& roster, const device::Values& values, std::span<QueuedCommand> slots,
             CommandListener& listener)
      : roster_{roster}, values_{values}, queue_{slots}, listener_{listener} {}

  /// Queues a command; `overloaded` where there is no place. Where `until` is `accepted`, this was its final
  /// rung and nothing more is told.
  Result<void> submit(const Command& command);
  /// Moves every command as far as it comes now; returns when a deadline is due.
  Instant step(Instant now);

  /// Drives every output to its declared safe value and refuses commands from then on. True once all have
  /// arrived or failed; call it after each `step` until then.
  bool make_safe(Instant now);

  const PoolGauge& gauge() const { return queue_.gauge(); }

 private:
  using Stage = QueuedCommand::Stage;

  void advance(QueuedCommand& queued, Instant now);
  void start(QueuedCommand& queued, Instant now);
  void take_driven(QueuedCommand& queued, Instant now);
  void verify(QueuedCommand& queued, Instant now);
  void climb(QueuedCommand& queued, device::Rung rung, bool top);
  void fail(QueuedCommand& queued, const Error& error);
  bool is_first_on_channel(const QueuedCommand& queued);
  void supersede_older(const QueuedCommand& queued);
  Instant next_deadline(const QueuedCommand& queued) const;

  device::Roster& roster_;
  const device::Values& values_;
  CommandQueue queue_;
  CommandListener& listener_;
  bool stopping_ = false;
  device::ChannelSet made_safe_;
};

}  // namespace signalbox::control
