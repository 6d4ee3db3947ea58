#include "hal/linux/guardian.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <poll.h>
#include <string_view>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.hpp"
#include "hal/linux/clock.hpp"
#include "hal/linux/socket_pair.hpp"

namespace signalbox::hal::kernel {
namespace {

constexpr int kLook_ms = 500;
constexpr int kRestart_ms = 1000;
/// The watchdog is fed on while a process that served is made anew; not for longer.
constexpr Duration kUnservedMax = from_ms(60'000);
constexpr int kWatchdog_s = 15;  // the longest that the Raspberry Pi's can wait

sigset_t handled_signals() {
  sigset_t handled;
  sigemptyset(&handled);
  for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&handled, number);
  return handled;
}

}  // namespace

Result<void> Guardian::open() {
  if (std::getenv("NOTIFY_SOCKET") != nullptr)
    return Error{Reason::conflict, "somebody watches already: NOTIFY_SOCKET is set, as by systemd"};
  const sigset_t handled = handled_signals();
  sigprocmask(SIG_BLOCK, &handled, nullptr);
  signals_ = Descriptor{signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK)};
  notices_ = Descriptor{socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  const auto name = format_text<31>("@signalbox-%d", getpid());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.view().substr(1).copy(address.sun_path + 1, sizeof address.sun_path - 1);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  const int yes =
      1;  // each sign comes with its sender, as the kernel knows it: anybody may send to the address
  if (!signals_ || !notices_ ||
      setsockopt(notices_.number(), SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) != 0 ||
      bind(notices_.number(), reinterpret_cast<const sockaddr*>(&address), size) != 0)
    return last_error("cannot listen for signs of life");
  setenv("NOTIFY_SOCKET", name.c_str(), 1);
  setenv("WATCHDOG_USEC", format_text<31>("%lld", static_cast<long long>(kPatience.count())).c_str(), 1);
  return {};
}

void Guardian::open_watchdog() {
  watchdog_ = Descriptor{::open("/dev/watchdog", O_WRONLY | O_CLOEXEC)};
  if (!watchdog_) {
    log(Severity::info, "no hardware watchdog: %s", last_error("/dev/watchdog").detail.c_str());
    return;
  }
  int seconds = kWatchdog_s;
  (void)ioctl(watchdog_.number(), WDIOC_SETTIMEOUT, &seconds);
  log(Severity::info, "the hardware's watchdog waits for %d s", seconds);
}

Result<void> Guardian::stand_guard() {
  if (const Result<void> opened = open(); !opened) return opened;
  const pid_t self = getpid();
  std::array<char, 16> name{};
  prctl(PR_GET_NAME, name.data());
  prctl(PR_SET_NAME, "guardian");
  served_ = Clock{}.now();
  for (bool is_first = true;; is_first = false) {
    const pid_t child = fork();
    if (child < 0 && is_first) return last_error("no process that serves");
    if (child < 0) {  // perhaps there is memory again soon
      feed_watchdog();
      ::poll(nullptr, 0, kRestart_ms);
      continue;
    }
    if (child == 0) {
      // Ends with its guardian: nobody else would watch over it.
      if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != self) _exit(1);
      const sigset_t handled = handled_signals();
      sigprocmask(SIG_UNBLOCK, &handled, nullptr);
      setenv("WATCHDOG_PID", format_text<15>("%d", getpid()).c_str(), 1);
      prctl(PR_SET_NAME, name.data());
      for (Descriptor* its : {&watchdog_, &notices_, &signals_}) *its = Descriptor{};
      return {};
    }
    if (is_first) open_watchdog();
    const End end = tend(child);
    if (is_stopping_) leave(0);
    if (!end.was_ready && is_first) leave(end.code);
    log(Severity::error, "the process that served ended (%d); another one takes over", end.code);
    ::poll(nullptr, 0, kRestart_ms);
  }
}

Guardian::End Guardian::tend(pid_t child) {
  End end;
  heard_ = Clock{}.now();
  for (;;) {
    std::array<pollfd, 2> sources{pollfd{notices_.number(), POLLIN, 0}, pollfd{signals_.number(), POLLIN, 0}};
    (void)::poll(sources.data(), sources.size(), kLook_ms);
    hear_child(child, end);
    hear_signals(child);
    if (has_ended(child, end)) return end;
    feed_watchdog();
    if (Clock{}.now() - heard_ < (end.was_ready ? kPatience : kStartWithin)) continue;
    log(Severity::error, "the loop gave no sign of life for %lld s: it is ended",
        static_cast<long long>(to_ms(end.was_ready ? kPatience : kStartWithin) / 1000));
    kill(child, SIGKILL);
    heard_ = Clock{}.now();
  }
}

void Guardian::hear_child(pid_t child, End& end) {
  std::array<char, 256> text{};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred))> control{};
  iovec part{text.data(), text.size()};
  for (;;) {
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t size = recvmsg(notices_.number(), &message, MSG_CMSG_CLOEXEC);
    if (size < 0) return;
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (header == nullptr || header->cmsg_type != SCM_CREDENTIALS) continue;
    ucred sender{};
    std::memcpy(&sender, CMSG_DATA(header), sizeof sender);
    if (sender.pid != child) continue;
    heard_ = served_ = Clock{}.now();
    if (std::string_view{text.data(), static_cast<std::size_t>(size)}.starts_with("READY=1"))
      end.was_ready = true;
  }
}

void Guardian::hear_signals(pid_t child) {
  signalfd_siginfo heard{};
  while (read(signals_.number(), &heard, sizeof heard) == static_cast<ssize_t>(sizeof heard)) {
    const auto number = static_cast<int>(heard.ssi_signo);
    if (number == SIGCHLD) continue;
    is_stopping_ = is_stopping_ || number == SIGTERM || number == SIGINT;
    kill(child, number);
  }
}

bool Guardian::has_ended(pid_t child, End& end) const {
  int status = 0;
  if (waitpid(child, &status, WNOHANG) != child) return false;
  end.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return true;
}

void Guardian::feed_watchdog() {
  if (watchdog_ && Clock{}.now() - served_ < kUnservedMax)
    (void)ioctl(watchdog_.number(), WDIOC_KEEPALIVE, 0);
}

/// The watchdog is told that it is no accident.
void Guardian::leave(int code) {
  if (watchdog_) (void)watchdog_.write_all("V");
  _exit(code);
}

}  // namespace signalbox::hal::kernel
