#pragma once

#include <cstdint>
#include <span>

namespace signalbox::sim::twins {

/// A simulated chip on an SPI bus, as its controller sees it while its chip select is active.
class SpiChip {
 public:
  /// `in` and `out` are of one size; `out` is all ones, as the wire is where the chip does not drive it.
  void exchange(std::uint8_t mode, std::span<const std::uint8_t> in, std::span<std::uint8_t> out) {
    do_exchange(mode, in, out);
  }

 protected:
  ~SpiChip() = default;

 private:
  virtual void do_exchange(std::uint8_t mode, std::span<const std::uint8_t> in,
                           std::span<std::uint8_t> out) = 0;
};

}  // namespace signalbox::sim::twins
