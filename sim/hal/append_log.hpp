#pragma once

#include <array>
#include <string>
#include <string_view>

#include "hal/append_log.hpp"
#include "sim/hal/in_flight.hpp"

namespace signalbox::sim {

/// An append log on a disk in memory, which outlives it as a card would. Faults hit it by its name: `slow`,
/// `hung` until the fault ends, `fails` with a piece half written. It runs on the time it is polled with.
class AppendLog final : public hal::AppendLog {
 public:
  /// What faults can be spread over.
  static constexpr std::array kFaultTargets{
      FaultTarget{FaultKind::hung, "journal"},  FaultTarget{FaultKind::slow, "journal"},
      FaultTarget{FaultKind::fails, "journal"}, FaultTarget{FaultKind::hung, "history"},
      FaultTarget{FaultKind::slow, "history"},  FaultTarget{FaultKind::fails, "history"}};

  AppendLog(Faults& faults, std::string& disk, std::string_view name = "journal")
      : faults_{faults}, disk_{disk}, name_{name}, end_{disk.size()} {}

  /// The power goes and comes back: of a piece under way the first `kept` bytes are on the disk.
  void cut_power(std::size_t kept);

 private:
  Result<std::size_t> do_read_end(std::span<char> into) override;
  Result<std::size_t> do_read(std::uint64_t place, std::span<char> into) override;
  void do_drop_end(std::size_t bytes) override;
  void do_append(hal::AppendOperation& operation) override;
  void do_poll(Instant now) override;
  Instant do_next() const override { return pending_ == nullptr ? kNever : timing_.ends; }
  Error unreadable() const;
  void put(std::size_t bytes);

  Faults& faults_;
  std::string& disk_;
  std::string_view name_;
  std::size_t end_;  ///< where the next piece belongs
  hal::AppendOperation* pending_ = nullptr;
  Timing timing_;
  Instant now_{};
};

}  // namespace signalbox::sim
