#pragma once

#include "base/result.hpp"
#include "link/loop.hpp"

namespace signalbox::link {

/// SIGINT and SIGTERM ask to stop, SIGHUP to read credentials and device file again, SIGUSR1 to report; they
/// arrive in the loop like everything else.
class Signals final : private Watcher {
 public:
  explicit Signals(Loop& loop) : loop_{loop} {}
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals();

  /// After `Loop::open`.
  Result<void> open();
  bool stop_asked() const { return stop_asked_; }
  /// Whether a reload was asked for since the last call.
  bool take_reload();
  /// Whether a report was asked for since the last call.
  bool take_report();

 private:
  void do_ready(int fd) override;

  Loop& loop_;
  int fd_ = -1;
  bool stop_asked_ = false;
  bool reload_asked_ = false;
  bool report_asked_ = false;
};

}  // namespace signalbox::link
