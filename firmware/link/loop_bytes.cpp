// What the loop reads from connections and writes to them.
#include <cerrno>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "link/loop.hpp"

namespace signalbox::link {
namespace {

/// What the kernel counts beside the bytes of each write, at most.
constexpr std::uint32_t kWriteOverheadBytes = 2048;

/// A third of the socket's buffer, which is free where it takes a write.
std::uint32_t free_room(int fd) {
  int bytes = 0;
  socklen_t size = sizeof bytes;
  if (::getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, &size) != 0 || bytes < 0) return 1;
  return static_cast<std::uint32_t>(bytes) / 3 + 1;
}

}  // namespace

void Loop::found_writable(int fd, Slot& its) {
  its.room = free_room(fd);
  its.unsaid = kUnlookedBytesMax;
}

bool Loop::has_room(int fd) const {
  const Slot& its = slots_[static_cast<std::size_t>(fd)];
  return its.room > 0 && its.unsaid > 0;
}

void Loop::wrote(int fd, std::size_t bytes) {
  Slot* its = slot(fd);
  if (its == nullptr) return;
  const std::size_t counted = bytes + kWriteOverheadBytes;
  its->room = counted < its->room ? its->room - static_cast<std::uint32_t>(counted) : 0;
  its->unsaid = bytes < its->unsaid ? static_cast<std::uint16_t>(its->unsaid - bytes) : std::uint16_t{0};
}

void Loop::read_ahead(int fd) {
  if (Slot* its = slot(fd); its != nullptr) its->reads_ahead = true;
}

std::ptrdiff_t Loop::read(int fd, std::span<unsigned char> into) {
  Slot* its = slot(fd);
  if (its == nullptr) return ::recv(fd, into.data(), into.size(), 0);
  return ahead_.read(fd, into, its->reads_ahead, its->ahead);
}

std::ptrdiff_t Loop::write(int fd, std::span<const unsigned char> bytes) {
  if (behind_.waits_for(fd)) {
    flush();
    if (!behind_.flush(fd)) {
      errno = EAGAIN;
      return -1;
    }
  }
  return ::send(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

std::span<unsigned char> Loop::lend(std::size_t bytes) {
  const std::span<unsigned char> room = behind_.lend(bytes);
  if (!room.empty()) return room;
  flush();
  return behind_.lend(bytes);
}

void Loop::send(int fd, std::span<const unsigned char> bytes) {
  behind_.take(fd, bytes);
  wrote(fd, bytes.size());
  if (!settling_) flush();
}

bool Loop::is_unread(const Slot& its) const {
  return ahead_.size(its.ahead) > 0 && (its.wanted & EPOLLIN) != 0 && !its.held;
}

/// Whoever has something left is written to once the kernel tells.
void Loop::flush() {
  if (behind_.flush()) return;
  behind_.each_left([&](int fd) {
    slots_[static_cast<std::size_t>(fd)].room = 0;
    mark_changed(fd);
  });
}

}  // namespace signalbox::link
