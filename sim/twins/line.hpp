#pragma once

#include <functional>

#include "base/instant.hpp"

namespace signalbox::sim::twins {

/// What hangs on a simulated digital line.
class Line {
 public:
  using Tell = std::function<void(Instant at, bool level)>;

  /// The board drives the line; nothing happens on lines that are inputs.
  void drive(Instant at, bool level) { do_drive(at, level); }
  /// The level that the board's resistor, or its lack, gives the line while nothing on it drives it.
  void pull(bool level) { do_pull(level); }
  bool level(Instant at) { return do_level(at); }
  /// Tells its levels after `from`, up to `to`, in order; what is no change may be told too.
  void watch(Instant from, Instant to, const Tell& tell) { do_watch(from, to, tell); }

 protected:
  ~Line() = default;

 private:
  virtual void do_drive(Instant /*at*/, bool /*level*/) {}
  virtual void do_pull(bool /*level*/) {}
  virtual bool do_level(Instant at) = 0;
  virtual void do_watch(Instant /*from*/, Instant to, const Tell& tell) { tell(to, do_level(to)); }
};

}  // namespace signalbox::sim::twins
