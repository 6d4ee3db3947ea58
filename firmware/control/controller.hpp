#pragma once

#include <array>
#include <span>
#include <string_view>

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
      : roster_{roster}, values_{values}, queue_{slots}, listener_{listener} {
    moved_at_.fill(Instant::min());
  }

  /// Queues a command; `overloaded` where there is no place, `stopped` after `make_safe`. The listener is
  /// told of its end in any case, also where `until` is `accepted` and the answer is given already.
  Result<void> submit(const Command& command);
  /// Moves every command as far as it comes now; returns when a deadline is due.
  Instant step(Instant now);

  /// Drives every output to its declared safe value, once what moves it now has ended, and refuses commands
  /// from then on, the waiting ones too. True once all have arrived or failed; call it after each `step`
  /// until then.
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
  bool is_driving(device::ChannelIndex channel);
  void supersede(device::ChannelIndex channel, std::string_view why);
  void refuse_waiting();
  Instant next_deadline(const QueuedCommand& queued) const;

  device::Roster& roster_;
  const device::Values& values_;
  CommandQueue queue_;
  CommandListener& listener_;
  /// When each output was last seen moving; an older reading does not tell what it is now.
  std::array<Instant, device::kChannelsCeiling> moved_at_;
  bool stopping_ = false;
  device::ChannelSet made_safe_;
};

}  // namespace signalbox::control
