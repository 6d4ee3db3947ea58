#include "link/read_ahead.hpp"

#include <algorithm>
#include <sys/socket.h>

namespace signalbox::link {

std::ptrdiff_t ReadAhead::read(int fd, std::span<unsigned char> into, bool ahead, std::uint8_t& place) {
  if (place == kNone && ahead && into.size() < kBytes) place = take();
  if (place == kNone) return ::recv(fd, into.data(), into.size(), 0);
  Place& its = places_[static_cast<std::size_t>(place)];
  if (its.size() == 0) {
    const ssize_t came = ::recv(fd, its.bytes.data(), its.bytes.size(), 0);
    if (came <= 0) {
      drop(place);
      place = kNone;
      return came;
    }
    its.begin = 0;
    its.end = static_cast<std::uint16_t>(came);
  }
  const std::size_t size = std::min(into.size(), its.size());
  std::copy_n(its.bytes.begin() + its.begin, size, into.begin());
  its.begin = static_cast<std::uint16_t>(its.begin + size);
  if (its.size() == 0) {
    drop(place);
    place = kNone;
  }
  return static_cast<std::ptrdiff_t>(size);
}

std::uint8_t ReadAhead::take() {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (places_[i].used) continue;
    places_[i].used = true;
    return static_cast<std::uint8_t>(i);
  }
  return kNone;
}

void ReadAhead::drop(std::uint8_t place) {
  if (place == kNone) return;
  Place& its = places_[static_cast<std::size_t>(place)];
  its.used = false;
  its.begin = its.end = 0;
}

}  // namespace signalbox::link
