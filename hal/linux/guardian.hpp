#pragma once

#include <sys/types.h>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "hal/linux/descriptor.hpp"

namespace signalbox::hal::kernel {

/// For machines without systemd: watches over the process that serves, as sd_notify(3) has it, starts it
/// again where it dies or its loop hangs, and feeds the hardware's watchdog (`/dev/watchdog`) as long as it
/// serves.
class Guardian {
 public:
  /// Without a sign of life for so long, the loop is taken for hung.
  static constexpr Duration kPatience = from_ms(5000);
  /// Until then it has to serve.
  static constexpr Duration kStartWithin = from_ms(60'000);

  Guardian() = default;
  Guardian(const Guardian&) = delete;
  Guardian& operator=(const Guardian&) = delete;

  /// Forks the process that serves, and again whenever it ends; returns in each of these. In the first
  /// process it never returns: it hands on SIGTERM, SIGINT, SIGHUP and SIGUSR1, and exits with 0 after the
  /// first two, or with the other's code where that ends before it has served. Errors: `failed`. While there
  /// is one thread only.
  Result<void> stand_guard();

 private:
  /// How a process that served ended.
  struct End {
    int code = 0;
    bool was_ready = false;
  };

  Result<void> open();
  void open_watchdog();
  End tend(pid_t child);
  void hear_child(pid_t child, End& end);
  void hear_signals(pid_t child);
  bool has_ended(pid_t child, End& end) const;
  void feed_watchdog();
  [[noreturn]] void leave(int code);

  Descriptor notices_;
  Descriptor signals_;
  Descriptor watchdog_;
  Instant heard_{};
  Instant served_{};  ///< when it last did
  bool is_stopping_ = false;
};

}  // namespace signalbox::hal::kernel
