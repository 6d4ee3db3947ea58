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

  /// Makes the process that serves, again and again: returns in each of those. The first process never comes
  /// back: it exits with 0 after SIGTERM or SIGINT, which it hands on as it does SIGHUP and SIGUSR1, and with
  /// the other's code where that ends before it has served. Errors: `failed`. While there is one thread only.
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
