#include "hal/linux/descriptor.hpp"

#include <cerrno>
#include <unistd.h>

namespace signalbox::hal::kernel {

Descriptor::~Descriptor() {
  if (number_ >= 0) close(number_);
}

long Descriptor::read_all(std::span<char> into) const {
  std::size_t size = 0;
  while (size < into.size()) {
    const ssize_t got = read(number_, into.data() + size, into.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  return static_cast<long>(size);
}

bool Descriptor::write_all(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t put = write(number_, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

}  // namespace signalbox::hal::kernel
