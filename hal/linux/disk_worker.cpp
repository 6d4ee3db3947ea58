#include "hal/linux/disk_worker.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hal/linux/record_file.hpp"
#include "hal/linux/sandbox.hpp"

namespace signalbox::hal::kernel {
namespace {

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

void DiskLink::drop_stale() const {
  WriteReply stale;
  while (recv(socket_.number(), &stale, sizeof stale, MSG_DONTWAIT) > 0) {
  }
}

const char* DiskLink::send(const void* datagram, std::size_t size) const {
  if (::send(socket_.number(), datagram, size, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return nullptr;
  return errno == EAGAIN ? "the process that writes it takes nothing" : kGone;
}

DiskLink::Received DiskLink::receive(WriteReply& reply) const {
  const ssize_t got = recv(socket_.number(), &reply, sizeof reply, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return Received::nothing;
  return got == static_cast<ssize_t>(sizeof reply) ? Received::reply : Received::gone;
}

bool DiskWorker::do_fence_watcher() {
  return enter_sandbox(Process::watcher, directory(), fenced_).has_value();
}

bool DiskWorker::do_fence_worker() {
  return !fenced_ || !can_be_fenced() || restrict_system_calls(Process::writer).has_value();
}

/// The peers wait for an answer that nobody else can give. A socket that takes no more holds one already.
void DiskWorker::do_tell_death() {
  const WriteReply died{};
  for (const int socket : sockets()) ::send(socket, &died, sizeof died, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void DiskWorker::do_work() {
  Datagram datagram;
  for (;;) {
    std::array<pollfd, std::tuple_size_v<Sockets>> peers{};
    for (std::size_t i = 0; i < peers.size(); ++i) peers[i] = {sockets()[i], POLLIN, 0};
    if (::poll(peers.data(), peers.size(), -1) < 0 && errno != EINTR) _exit(1);
    bool goes_on = true;
    for (std::size_t i = 0; i < peers.size(); ++i)
      if (peers[i].revents != 0) goes_on = serve_next(i, datagram) && goes_on;
    if (!goes_on) _exit(kPeerGone);
  }
}

/// False where the peer is gone.
bool DiskWorker::serve_next(std::size_t peer, Datagram& datagram) {
  const int socket = sockets()[peer];
  const ssize_t got = recv(socket, &datagram, sizeof datagram, 0);
  if (got == 0) return false;
  if (got < 0 && errno == EINTR) return true;
  if (got < static_cast<ssize_t>(sizeof datagram.head) || datagram.head.size > datagram.bytes.size() ||
      got != static_cast<ssize_t>(datagram.size()))
    _exit(1);
  const WriteReply reply = serve(datagram, files_[peer]);
  // A record may hold a secret.
  if (datagram.head.kind == WriteRequest::Kind::replace)
    explicit_bzero(datagram.bytes.data(), datagram.head.size);
  if (send(socket, &reply, sizeof reply, MSG_NOSIGNAL) >= 0) return true;
  if (!is_gone(errno)) _exit(1);
  return false;
}

WriteReply DiskWorker::serve(const Datagram& datagram, Descriptor& file) {
  const WriteRequest& request = datagram.head;
  WriteReply reply{.id = request.id, .end = request.offset};
  switch (request.kind) {
    case WriteRequest::Kind::append: reply.error_number = append(reply, datagram, file); break;
    case WriteRequest::Kind::rotate:
      reply.error_number = rotate(request, file);
      reply.end = 0;
      break;
    case WriteRequest::Kind::replace: {
      const Replaced replaced =
          replace_record(directory(), request.name, {datagram.bytes.data(), request.size}, true);
      reply.error_number = replaced.error_number;
      reply.in_place = replaced.in_place;
      break;
    }
  }
  return reply;
}

/// The log's file, opened anew where it was taken away meanwhile; 0 or errno.
int DiskWorker::open_file(const char* name, Descriptor& file) const {
  struct stat status {};
  if (file && fstat(file.number(), &status) == 0 && status.st_nlink > 0) return 0;
  const int flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  file = Descriptor{openat(directory(), name, flags, kOwnerOnly)};
  if (!file) return errno;
  return error_of(fsync(directory()) == 0);  // that it exists must outlive a power cut as well
}

int DiskWorker::append(WriteReply& reply, const Datagram& datagram, Descriptor& file) const {
  if (const int error_number = open_file(datagram.head.name.c_str(), file); error_number != 0)
    return error_number;
  struct stat status {};
  if (fstat(file.number(), &status) != 0) return errno;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  // Beyond the offset lies what failed before. A shorter file was cut by somebody else: no hole, the reader
  // of the file shall see what is missing.
  const std::uint64_t offset = std::min(reply.end, size);
  if (size > offset && ftruncate(file.number(), static_cast<off_t>(offset)) != 0) return errno;
  const std::string_view bytes{datagram.bytes.data(), datagram.head.size};
  if (!write_at(file.number(), bytes, offset) || fdatasync(file.number()) != 0) {
    const int error_number = errno;
    if (ftruncate(file.number(), static_cast<off_t>(offset)) != 0) file = Descriptor{};
    return error_number;
  }
  reply.end = offset + bytes.size();
  return 0;
}

int DiskWorker::rotate(const WriteRequest& request, Descriptor& file) const {
  const char* name = request.name.c_str();
  file = Descriptor{openat(directory(), name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
  if (!file && errno != ENOENT) return errno;
  struct stat status {};
  if (file && fstat(file.number(), &status) != 0) return errno;
  // Beyond the end lies what failed, or what a power cut has torn: nobody cuts it off later.
  if (static_cast<std::uint64_t>(status.st_size) > request.offset &&
      (ftruncate(file.number(), static_cast<off_t>(request.offset)) != 0 || fdatasync(file.number()) != 0))
    return errno;
  file = Descriptor{};
  if (renameat(directory(), name, directory(), previous_of(name).c_str()) != 0 && errno != ENOENT)
    return errno;
  return error_of(fsync(directory()) == 0);
}

}  // namespace signalbox::hal::kernel
