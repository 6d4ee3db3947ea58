#pragma once

#include <cstdint>
#include <span>

#include "base/instant.hpp"

namespace signalbox::sim::twins {

/// A simulated chip on an I2C bus, as its master sees it after the address. False: not acknowledged.
class I2cChip {
 public:
  bool write(Instant at, std::span<const std::uint8_t> bytes) { return do_write(at, bytes); }
  bool read(Instant at, std::span<std::uint8_t> bytes) { return do_read(at, bytes); }

 protected:
  ~I2cChip() = default;

 private:
  virtual bool do_write(Instant at, std::span<const std::uint8_t> bytes) = 0;
  virtual bool do_read(Instant at, std::span<std::uint8_t> bytes) = 0;
};

}  // namespace signalbox::sim::twins
