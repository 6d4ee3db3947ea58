#include "hal/linux/entropy.hpp"

#include <cerrno>
#include <sys/random.h>

namespace signalbox::hal::kernel {

bool Entropy::do_fill(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

}  // namespace signalbox::hal::kernel
