#pragma once

#include <cstdint>
#include <string_view>

#include "base/instant.hpp"
#include "hal/operation.hpp"

namespace signalbox::hal {

/// Where a number comes from, told by names that are the same after every start.
struct AttributeSource {
  enum class Subsystem : std::uint8_t {
    hwmon,     ///< a monitoring chip's input
    iio,       ///< industrial I/O: a converter's or sensor's channel
    one_wire,  ///< a thermometer on a 1-wire bus
  };
  Subsystem subsystem = Subsystem::hwmon;
  /// The chip's or device's name, and behind `@` what it hangs on (`lm75@0-004f`) where several have that
  /// name; without, it is the first. 1-wire: its id (`28-0123456789ab`) or `any`.
  std::string_view device;
  std::string_view channel;  ///< `temp1`, `in_voltage0`; 1-wire: none
};

/// One reading. Lives in its driver; stays in place while pending.
struct AttributeReading {
  double value = 0.0;  ///< °C, V, A, W, %, revolutions per minute; others as the kernel has them
  Instant deadline = kNever;
  Completion completion = Completion::idle;
};

/// Numbers that drivers of the operating system measure, and it publishes.
class Attribute {
 public:
  static constexpr int kNoSource = -1;

  /// Claims a source; it may be another's as well. kNoSource where there can be none of that name, or no more
  /// can be claimed. One that is not there yet reads as `no_reply` until it comes.
  int claim(const AttributeSource& source) { return do_claim(source); }
  /// Gives a claimed source back; nothing is under way on it.
  void release(int source) { do_release_source(source); }
  /// One at a time of each source. `no_reply`: it is not there; `failed`: it told nothing that is a number.
  void read(int source, AttributeReading& reading) {
    reading.completion = Completion::pending;
    do_read(source, reading);
  }

 protected:
  ~Attribute() = default;

 private:
  virtual int do_claim(const AttributeSource& source) = 0;
  virtual void do_release_source(int source) = 0;
  virtual void do_read(int source, AttributeReading& reading) = 0;
};

}  // namespace signalbox::hal
