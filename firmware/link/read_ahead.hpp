#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace signalbox::link {

/// What was read from sockets and not asked for yet. A record of TLS is read as 5 bytes that say its length
/// and then so many more: two calls of the kernel, where one would do. In few places, since they are empty
/// again as soon as a connection was served, unless its session reads no more for now; where none is free,
/// nobody reads ahead.
class ReadAhead {
 public:
  /// At most so many records of TLS that hold anything: 2,048 / 23, each of which libwebsockets reads alone.
  static constexpr std::size_t kBytes = 2048;
  static constexpr std::size_t kPlaces = 8;
  static constexpr std::uint8_t kNone = 0xFF;

  /// As `recv` on `fd`. `place`, the connection's own, begins as kNone and is kept for it; only where `ahead`
  /// more than `into` is read.
  std::ptrdiff_t read(int fd, std::span<unsigned char> into, bool ahead, std::uint8_t& place);
  /// How much waits there.
  std::size_t size(std::uint8_t place) const {
    return place == kNone ? 0 : places_[static_cast<std::size_t>(place)].size();
  }
  /// Whoever it belonged to is gone.
  void drop(std::uint8_t place);

 private:
  struct Place {
    bool used = false;
    std::uint16_t begin = 0;
    std::uint16_t end = 0;
    std::array<unsigned char, kBytes> bytes;

    std::size_t size() const { return std::size_t{end} - begin; }
  };

  std::uint8_t take();

  std::array<Place, kPlaces> places_{};
};

}  // namespace signalbox::link
