#include "link/signals.hpp"

#include <csignal>
#include <sys/signalfd.h>
#include <unistd.h>
#include <utility>

#include "link/system_error.hpp"

namespace signalbox::link {

Result<void> Signals::open() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) ::sigaddset(&set, signal);
  ::signal(SIGPIPE, SIG_IGN);
  if (::sigprocmask(SIG_BLOCK, &set, nullptr) == 0) fd_ = ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  if (fd_ < 0) return system_error("signalfd");
  return loop_.watch(fd_, *this);
}

Signals::~Signals() {
  if (fd_ < 0) return;
  loop_.unwatch(fd_);
  ::close(fd_);
}

bool Signals::take_reload() { return std::exchange(reload_asked_, false); }

bool Signals::take_report() { return std::exchange(report_asked_, false); }

void Signals::do_ready(int fd) {
  signalfd_siginfo signal{};
  while (::read(fd, &signal, sizeof signal) == static_cast<ssize_t>(sizeof signal)) {
    switch (signal.ssi_signo) {
      case SIGHUP: reload_asked_ = true; break;
      case SIGUSR1: report_asked_ = true; break;
      default: stop_asked_ = true;
    }
  }
}

}  // namespace signalbox::link
