#pragma once

#include "base/instant.hpp"

namespace signalbox::hal {

/// The clocks. Only `app/` and the roots read them; everything below is told the time.
class Clock {
 public:
  Instant now() { return do_now(); }
  WallTime wall() { return do_wall(); }

 protected:
  ~Clock() = default;

 private:
  virtual Instant do_now() = 0;
  virtual WallTime do_wall() = 0;
};

}  // namespace signalbox::hal
