#pragma once

#include <array>
#include <map>
#include <string>

#include "hal/store.hpp"
#include "sim/faults.hpp"
#include "sim/hal/in_flight.hpp"

namespace signalbox::sim {

/// Records in memory. They outlive the firmware's objects as long as this object lives, as a card would.
/// Faults hit it by the name `store`, at the time it was last told; what is being saved can be `slow` or
/// `hung` as well.
class Store final : public hal::Store {
 public:
  /// What faults can be spread over.
  static constexpr std::array kFaultTargets{FaultTarget{FaultKind::hung, "store"},
                                            FaultTarget{FaultKind::slow, "store"},
                                            FaultTarget{FaultKind::fails, "store"}};

  /// What is on the card.
  using Records = std::map<std::string, std::string, std::less<>>;

  explicit Store(Faults& faults) : faults_{faults} {}
  Store(Faults& faults, const Records& records) : faults_{faults}, records_{records} {}

  const Records& records() const { return records_; }
  /// From now on it says of all that is to be saved that it was, and keeps none of it.
  void lie() { lies_ = true; }
  void set_now(Instant now) { now_ = now; }
  /// The power goes and comes back: what is being saved is there, or what was before.
  void cut_power(bool kept);

 private:
  Result<std::size_t> do_read(std::string_view name, std::span<char> into) override;
  Result<void> do_write(std::string_view name, std::string_view record) override;
  Result<void> do_remove(std::string_view name) override;
  void do_save(hal::SaveOperation& operation) override;
  void do_poll(Instant now) override;
  Instant do_next() const override { return pending_ == nullptr ? kNever : timing_.ends; }

  Faults& faults_;
  Instant now_{};
  hal::SaveOperation* pending_ = nullptr;
  std::string name_;    ///< of the record being saved
  std::string record_;  ///< the same
  Timing timing_;
  Records records_;
  bool lies_ = false;
};

}  // namespace signalbox::sim
