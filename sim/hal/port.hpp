#pragma once

#include "base/instant.hpp"

namespace signalbox::sim {

/// What every simulated port shares: it is told the time, and finishes its operations one by one.
class Port {
 public:
  /// Operations submitted from now on begin at `now`.
  void set_now(Instant now) { now_ = now; }
  /// When its next operation ends; kNever where none is under way.
  Instant next() const { return do_next(); }
  /// Ends that operation.
  void finish_next() { do_finish_next(); }

 protected:
  ~Port() = default;
  Instant now() const { return now_; }

 private:
  virtual Instant do_next() const = 0;
  virtual void do_finish_next() = 0;

  Instant now_{};
};

}  // namespace signalbox::sim
