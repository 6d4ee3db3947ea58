#pragma once

#include "base/instant.hpp"

namespace signalbox::hal {

/// Who started this process and starts it again where it hangs or dies, such as systemd. Without one, nothing
/// is told to anybody. Never blocks.
class Supervisor {
 public:
  /// It serves; also after reloading().
  void ready() { do_tell(State::ready, Instant{}); }
  /// It reads its files again; `now` as the kernel's monotonic clock has it.
  void reloading(Instant now) { do_tell(State::reloading, now); }
  void stopping() { do_tell(State::stopping, Instant{}); }
  /// It is not stuck.
  void alive() { do_tell(State::alive, Instant{}); }
  /// Without alive() for so long, it is taken for stuck and started again; 0: nobody waits for that.
  Duration patience() const { return do_patience(); }

  enum class State : std::uint8_t { ready, reloading, stopping, alive };

 protected:
  ~Supervisor() = default;

 private:
  virtual void do_tell(State state, Instant now) = 0;
  virtual Duration do_patience() const = 0;
};

}  // namespace signalbox::hal
