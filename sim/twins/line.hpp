#pragma once

#include "base/instant.hpp"

namespace signalbox::sim::twins {

/// What hangs on a simulated digital line.
class Line {
 public:
  /// The board drives the line; nothing happens on lines that are inputs.
  void drive(Instant at, bool level) { do_drive(at, level); }
  bool level(Instant at) { return do_level(at); }

 protected:
  ~Line() = default;

 private:
  virtual void do_drive(Instant /*at*/, bool /*level*/) {}
  virtual bool do_level(Instant at) = 0;
};

}  // namespace signalbox::sim::twins
