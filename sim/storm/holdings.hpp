#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/slot_pool.hpp"
#include "machine/machine.hpp"
#include "sim/storm/asked.hpp"

namespace signalbox::sim::storm {

/// Which session acts for which holder of leases and batons, as far as that is known from outside; what must
/// come of a request that depends on it.
class Holdings {
 public:
  /// `parked_max`: how many sessions may be away before the oldest is given up.
  Holdings(const control::Controller& controller, std::size_t parked_max)
      : controller_{controller}, parked_max_{parked_max} {}

  /// The outcome or the reason that this request must have if it is served now; empty: either may be.
  std::string outcome_of(const Asked& asked, Handle session, Instant now);
  /// `resume` was answered.
  void returned(const Asked& asked, Handle session);
  /// The session's connection has ended; it may return. `subscribed`: it certainly has subscriptions.
  void parked(Handle session, bool subscribed, Instant now);
  /// Whether somebody asked to be that session: then it is closed, and told nothing more than the end.
  bool is_claimed(Handle session) const {
    const auto found = states_.find(own(session));
    return found != states_.end() && found->second.is_claimed;
  }
  /// When a request last may have lengthened a lease, or ended one so that it was taken anew.
  Instant touched_at() const { return touched_at_; }
  /// When the last stop came.
  Instant stop_asked_at() const { return stop_asked_at_; }

 private:
  struct State {
    control::Holder holder = control::kNobody;
    bool is_known = true;
    bool may_settle = false;    ///< both were known when it asked to return
    bool is_contested = false;  ///< never known again
    bool is_claimed = false;
    Instant gone_at = kNever;
    std::size_t parked_before = 0;
    bool has_place = true;  ///< there was room for it, or it held something
  };

  static control::Holder own(Handle session) {
    return control::Holder{session.generation} << 32U | session.index;
  }
  /// By the session's name on the wire.
  static Handle handle_of(const std::string& name);
  State& state_of(Handle session);
  std::string of_baton(const std::string& action, control::Holder holder) const;
  std::string of_return(const Asked& asked, Handle session, Instant now);

  const control::Controller& controller_;
  std::size_t parked_max_;
  std::vector<Instant> parked_at_;
  std::map<control::Holder, State> states_;
  Instant touched_at_{};
  Instant stop_asked_at_ = Instant::min();
};

}  // namespace signalbox::sim::storm
