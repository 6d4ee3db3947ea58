#include "hal/linux/watched_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.hpp"
#include "hal/linux/program_pages.hpp"

namespace signalbox::hal::kernel {
namespace {

/// Between a worker's death and the next one, so that one that cannot live does not take the processor.
constexpr int kRebirth_ms = 100;
constexpr std::size_t kKeptMax = 4;

/// Closes everything but those; the standard streams lead nowhere, so that nobody waits for their end.
void keep_only(std::span<const int> descriptors) {
  std::array<int, kKeptMax> storage{};
  SIGNALBOX_CHECK(descriptors.size() <= storage.size());
  const std::span kept{storage.data(), descriptors.size()};
  std::copy(descriptors.begin(), descriptors.end(), kept.begin());
  std::sort(kept.begin(), kept.end());
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int stream = STDIN_FILENO; nowhere >= 0 && stream <= STDERR_FILENO; ++stream)
    if (std::find(kept.begin(), kept.end(), stream) == kept.end()) dup2(nowhere, stream);
  unsigned first = STDERR_FILENO + 1;
  for (const int descriptor : kept) {
    const auto number = static_cast<unsigned>(descriptor);
    if (number > first) close_range(first, number - 1, 0);
    first = std::max(first, number + 1);
  }
  close_range(first, ~0U, 0);
}

/// Waits for its end; -1 where it was stopped.
int wait_for(pid_t child, bool ends_stopped) {
  int status = -1;
  for (;;) {
    if (waitpid(child, &status, ends_stopped ? WUNTRACED : 0) < 0) {
      if (errno == EINTR) continue;
      return -1;
    }
    if (!WIFSTOPPED(status)) return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    kill(child, SIGKILL);
  }
}

}  // namespace

/// Ends with the parent, even where it is killed, unless there is something left to do. Signals to the whole
/// group are the parent's to act on: the last requests come after them.
void WatchedProcess::belong_to(pid_t parent) const {
  if (!do_outlives_parent() && (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)) _exit(1);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE, SIGXFSZ})
    signal(number, SIG_IGN);
}

pid_t WatchedProcess::start() {
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) watch(parent);
  return child;
}

void WatchedProcess::watch(pid_t parent) {
  belong_to(parent);
  keep_only(do_kept());
  prctl(PR_SET_NAME, names_.watcher);
  if (!do_fence_watcher()) _exit(1);
  give_back_program_pages();
  const pid_t self = getpid();
  for (;;) {
    const pid_t child = fork();
    if (child == 0) work(self);
    if (child > 0 && wait_for(child, do_replaces_stopped()) == kPeerGone) _exit(0);
    do_tell_death();
    ::poll(nullptr, 0, kRebirth_ms);
  }
}

void WatchedProcess::work(pid_t parent) {
  belong_to(parent);
  prctl(PR_SET_NAME, names_.worker);
  if (!do_fence_worker()) _exit(1);
  give_back_program_pages();
  do_work();
  _exit(1);
}

}  // namespace signalbox::hal::kernel
