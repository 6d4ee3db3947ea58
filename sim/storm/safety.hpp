#pragma once

#include "machine/machine.hpp"
#include "sim/storm/witness.hpp"

namespace signalbox::sim::storm {

/// Holds every write to an output against what safety allows at that moment, in lives whose outputs are
/// guarded.
class Safety {
 public:
  Safety(Trace& line_by_line, machine::Machine& machine, const Recorder& outputs, const Witness& witness)
      : trace_{line_by_line}, machine_{machine}, recorder_{outputs}, witness_{witness} {}

  /// After every step of the machine: what was written in it, and what should have been.
  void look(Instant now, bool disturbed);

 private:
  void judge(const Write& write);
  void judge_combination(const Write& write);
  /// What the twins hold together must never be held together, whatever anybody believes.
  void check_combinations(Instant now);
  void judge_lamp(const Write& write);
  void check_leases(Instant now);
  void check_stop(Instant now, bool disturbed);
  bool reads_door(bool open) const;
  void check_override(Instant now, bool disturbed);
  /// Whether somebody has the heater by a lease that has not run out; only `renew` may have lengthened it.
  bool is_leased(Instant now, bool released);

  Trace& trace_;
  machine::Machine& machine_;
  const Recorder& recorder_;
  const Witness& witness_;
  control::Lease lease_{};    ///< as last seen
  bool is_told_off_ = false;  ///< the heater, last; stuck hardware may not have heard
  Instant told_until_{};      ///< the deadline of the last write to the heater
  Instant looked_at_{};
  std::size_t seen_ = 0;
  Instant unsafe_since_ = kNever;      ///< the heater is on although nothing allows it
  Instant overridden_since_ = kNever;  ///< the door is read to be open
  bool is_spent_ = false;              ///< a stop has ended what the open door demanded
  Instant checked_at_{};
  Instant unaired_since_ = kNever;  ///< the lamp is on although the fan is too slow for it
};

}  // namespace signalbox::sim::storm
