#include "hal/linux/socket_pair.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>
#include <utility>

#include "hal/linux/error_words.hpp"

namespace signalbox::hal::kernel {

Error last_error(const char* what) {
  return {Reason::failed, format_text<95>("%s: %s", what, error_words(errno))};
}

Result<SocketPair> SocketPair::open() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
    return last_error("no pair of sockets");
  SocketPair pair{Descriptor{ends[0]}, Descriptor{ends[1]}};
  if (fcntl(ends[1], F_SETFL, 0) != 0) return last_error("no pair of sockets");
  return pair;
}

}  // namespace signalbox::hal::kernel
