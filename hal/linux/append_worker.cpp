#include "hal/linux/append_worker.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hal/linux/sandbox.hpp"

namespace signalbox::hal::kernel {
namespace {

constexpr mode_t kOwnerOnly = 0600;
/// Between a writer's death and the next one, so that one that cannot live does not take the processor.
constexpr int kRebirth_ms = 100;

/// Ends with the parent, even where it is killed. Signals to the whole group are the parent's to act on: the
/// last records come after them.
void belong_to(pid_t parent) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) _exit(1);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE, SIGXFSZ})
    signal(number, SIG_IGN);
}

/// Closes everything but those two; the standard streams lead nowhere, so that nobody waits for their end.
void keep_only(int one, int other) {
  const auto low = static_cast<unsigned>(std::min(one, other));
  const auto high = static_cast<unsigned>(std::max(one, other));
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int stream = STDIN_FILENO; nowhere >= 0 && stream <= STDERR_FILENO; ++stream)
    if (stream != one && stream != other) dup2(nowhere, stream);
  if (low > STDERR_FILENO + 1) close_range(STDERR_FILENO + 1, low - 1, 0);
  if (high > low + 1) close_range(low + 1, high - 1, 0);
  close_range(high + 1, ~0U, 0);
}

/// Whether it was the peer's end that made a call fail.
bool is_gone(int error_number) { return error_number == EPIPE || error_number == ECONNRESET; }

int error_of(bool worked) { return worked ? 0 : errno; }

/// Everything at that place; false with errno.
bool write_at(int file, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t put = pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
  return true;
}

}  // namespace

pid_t AppendWorker::start() {
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) watch(parent);
  return child;
}

void AppendWorker::watch(pid_t parent) {
  belong_to(parent);
  keep_only(directory_, socket_);
  prctl(PR_SET_NAME, "append-watch");
  if (!enter_sandbox(Process::watcher, directory_, fenced_)) _exit(1);
  const pid_t self = getpid();
  for (;;) {
    const pid_t child = fork();
    if (child == 0) work(self);
    int status = -1;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) _exit(0);  // its peer is gone
    const AppendReply died{};
    // The peer waits for an answer that nobody else can give.
    while (send(socket_, &died, sizeof died, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && !is_gone(errno))
      ::poll(nullptr, 0, kRebirth_ms);
    ::poll(nullptr, 0, kRebirth_ms);
  }
}

void AppendWorker::work(pid_t parent) {
  belong_to(parent);
  prctl(PR_SET_NAME, "append-write");
  if (fenced_ && can_be_fenced() && !restrict_system_calls(Process::writer)) _exit(1);
  AppendRequest request;
  for (;;) {
    const ssize_t got = recv(socket_, &request, sizeof request, 0);
    if (got == 0) _exit(0);
    if (got < 0 && errno == EINTR) continue;
    if (got != static_cast<ssize_t>(sizeof request)) _exit(1);
    const AppendReply reply = serve(request);
    if (send(socket_, &reply, sizeof reply, MSG_NOSIGNAL) < 0) _exit(is_gone(errno) ? 0 : 1);
  }
}

AppendReply AppendWorker::serve(const AppendRequest& request) {
  AppendReply reply{.id = request.id, .end = request.offset};
  if (request.kind == AppendRequest::Kind::rotate) {
    reply.error_number = rotate(request.offset);
    reply.end = 0;
  } else {
    const std::size_t size = std::min<std::size_t>(request.size, request.bytes.size());
    reply.error_number = write(reply, {request.bytes.data(), size});
  }
  return reply;
}

/// The file, opened anew where it was taken away meanwhile; 0 or errno.
int AppendWorker::open_file() {
  struct stat status {};
  if (file_ && fstat(file_.number(), &status) == 0 && status.st_nlink > 0) return 0;
  const int flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  file_ = Descriptor{openat(directory_, name_.c_str(), flags, kOwnerOnly)};
  if (!file_) return errno;
  return error_of(fsync(directory_) == 0);  // that it exists must outlive a power cut as well
}

int AppendWorker::write(AppendReply& reply, std::string_view bytes) {
  if (const int error_number = open_file(); error_number != 0) return error_number;
  struct stat status {};
  if (fstat(file_.number(), &status) != 0) return errno;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  // Beyond the offset lies what failed before. A shorter file was cut by somebody else: no hole, the reader
  // of the file shall see what is missing.
  const std::uint64_t offset = std::min(reply.end, size);
  if (size > offset && ftruncate(file_.number(), static_cast<off_t>(offset)) != 0) return errno;
  if (!write_at(file_.number(), bytes, offset) || fdatasync(file_.number()) != 0) {
    const int error_number = errno;
    if (ftruncate(file_.number(), static_cast<off_t>(offset)) != 0) file_ = Descriptor{};
    return error_number;
  }
  reply.end = offset + bytes.size();
  return 0;
}

int AppendWorker::rotate(std::uint64_t end) {
  file_ = Descriptor{openat(directory_, name_.c_str(), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
  if (!file_ && errno != ENOENT) return errno;
  struct stat status {};
  if (file_ && fstat(file_.number(), &status) != 0) return errno;
  // Beyond the end lies what failed, or what a power cut has torn: nobody cuts it off later.
  if (static_cast<std::uint64_t>(status.st_size) > end &&
      (ftruncate(file_.number(), static_cast<off_t>(end)) != 0 || fdatasync(file_.number()) != 0))
    return errno;
  file_ = Descriptor{};
  if (renameat(directory_, name_.c_str(), directory_, previous_.c_str()) != 0 && errno != ENOENT)
    return errno;
  return error_of(fsync(directory_) == 0);
}

}  // namespace signalbox::hal::kernel
