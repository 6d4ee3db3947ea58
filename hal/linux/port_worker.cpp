#include "hal/linux/port_worker.hpp"

#include <cerrno>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "hal/linux/clock.hpp"

namespace signalbox::hal::kernel {
namespace {

/// Longer than any operation of a device takes: the kernel gives up a hung bus after a second.
constexpr int kHung_s = 3;

/// Ends this process where what is done now does not end; another one takes over.
void end_if_hung(int seconds) {
  const itimerval timer{.it_interval = {}, .it_value = {.tv_sec = seconds, .tv_usec = 0}};
  setitimer(ITIMER_REAL, &timer, nullptr);
}

}  // namespace

bool PortWorker::do_fence_watcher() { return enter_sandbox(fence_, fenced_).has_value(); }

bool PortWorker::do_fence_worker() {
  return !fenced_ || !can_be_fenced() || restrict_system_calls(fence_.worker).has_value();
}

void PortWorker::send(const PortReply& reply) const {
  if (::send(kept_[0], &reply, sizeof reply, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN &&
      errno != EPIPE && errno != ECONNRESET)
    _exit(1);
}

void PortWorker::do_tell_death() {
  const PortReply died{};
  ::send(kept_[0], &died, sizeof died, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void PortWorker::do_work() {
  int wait_ms = -1;
  for (;;) {
    pollfd peer{.fd = kept_[0], .events = POLLIN, .revents = 0};
    const int ready = ::poll(&peer, 1, wait_ms);
    if (ready < 0 && errno != EINTR) _exit(1);
    if (ready == 0) wait_ms = do_silence();
    if (ready <= 0) continue;
    PortRequest request;
    const ssize_t got = recv(kept_[0], &request, sizeof request, 0);
    if (got == 0 || (got < 0 && errno == ECONNRESET)) {
      do_gone();
      _exit(kPeerGone);
    }
    if (got < 0 && errno == EINTR) continue;
    if (got != static_cast<ssize_t>(sizeof request)) _exit(1);
    wait_ms = do_heard(request);
    if (request.kind != PortRequest::Kind::alive) serve(request);
  }
}

void PortWorker::serve(const PortRequest& request) {
  PortReply reply;
  reply.id = request.id;
  if (request.deadline <= Clock{}.now()) {
    reply.completion = Completion::timed_out;
    reply.why = "it could not begin in time";
  } else {
    end_if_hung(kHung_s);
    do_serve(request, reply);
    end_if_hung(0);
  }
  send(reply);
}

}  // namespace signalbox::hal::kernel
