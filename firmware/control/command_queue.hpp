#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/instant.hpp"
#include "base/pool_gauge.hpp"
#include "control/command.hpp"
#include "control/interlock.hpp"

namespace signalbox::control {

/// Why a command was taken back from the hardware.
struct Withdrawal {
  Reason reason = Reason::internal;
  const char* words = "";
};

/// A command and how far it has come.
struct QueuedCommand {
  enum class Stage : std::uint8_t {
    waiting,    ///< for its turn on the channel
    driving,    ///< handed to the hardware
    verifying,  ///< applied; the feedback has not agreed yet
    finished,   ///< leaves the queue
  };
  Command command;
  Stage stage = Stage::waiting;
  std::array<Planned, kWritesMax> planned{};  ///< what is handed to the hardware
  std::array<bool, kWritesMax> new_leases{};  ///< taken by it
  std::optional<Withdrawal> withdrawn{};
  Instant applied_at{};
  bool answered = false;  ///< at the rung it was to reach; it may still be watched

  std::span<const Planned> plan() const { return std::span{planned}.first(command.writes_count); }
};

/// All commands in flight, oldest first, in memory lent by the owner.
class CommandQueue {
 public:
  explicit CommandQueue(std::span<QueuedCommand> slots) : slots_{slots} { gauge_.capacity = slots.size(); }

  /// False where the queue is full.
  bool push(const Command& command) {
    if (count_ == slots_.size()) {
      ++gauge_.refused;
      return false;
    }
    slots_[count_++] = QueuedCommand{command};
    gauge_.took();
    return true;
  }
  std::span<QueuedCommand> in_order() { return slots_.first(count_); }

  /// Takes the finished ones out, keeping the order of the rest.
  void remove_finished() {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      if (slots_[i].stage == QueuedCommand::Stage::finished) continue;
      if (kept != i) slots_[kept] = slots_[i];
      ++kept;
    }
    gauge_.gave_back(count_ - kept);
    count_ = kept;
  }
  const PoolGauge& gauge() const { return gauge_; }

 private:
  std::span<QueuedCommand> slots_;
  std::size_t count_ = 0;
  PoolGauge gauge_;
};

}  // namespace signalbox::control
