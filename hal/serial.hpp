#pragma once

#include <cstdint>
#include <string_view>

#include "base/fixed_text.hpp"
#include "base/instant.hpp"
#include "hal/operation.hpp"

namespace signalbox::hal {

/// Whether it can name a serial port: a file below `/dev` (with or without that), or of several USB adapters
/// the one in a certain socket: `ttyUSB@1-1.2`.
constexpr bool is_serial_device(std::string_view device) {
  constexpr std::string_view kBelow = "/dev/";
  if (device.starts_with(kBelow)) device.remove_prefix(kBelow.size());
  return !device.empty() && device.front() != '/' && device.find("..") == std::string_view::npos;
}

/// Which lines of text a reader wants, and where they come from.
struct SerialSource {
  std::string_view device;  ///< as is_serial_device() has it
  std::uint32_t baud = 9600;
  std::string_view prefix;  ///< what a line begins with; empty: any
};

/// What came since the last reading. Lives in its driver; stays in place while pending.
struct SerialReading {
  FixedText<127> text;        ///< of the last such line, without its end; empty: none came
  std::uint32_t dropped = 0;  ///< lines that were too long, or no text (the wrong baud rate)
  Instant deadline = kNever;
  Completion completion = Completion::idle;
};

/// Serial lines that tell text (8 data bits, no parity, 1 stop bit); nothing is sent.
class Serial {
 public:
  static constexpr int kNoReader = -1;

  /// Several may read one device, at one baud rate. kNoReader where there can be no such device, no more can
  /// be claimed, or another reader wants the device at another rate. One that is not there yet reads as
  /// `absent` until it comes.
  int claim(const SerialSource& source) { return do_claim(source); }
  /// Gives a claimed reader back; nothing is under way on it.
  void release(int reader) { do_release_reader(reader); }
  /// One at a time of each reader. Ends at once, whether something came or not. `absent`: the device is not
  /// there.
  void read(int reader, SerialReading& reading) {
    reading.completion = Completion::pending;
    do_read(reader, reading);
  }

 protected:
  ~Serial() = default;

 private:
  virtual int do_claim(const SerialSource& source) = 0;
  virtual void do_release_reader(int reader) = 0;
  virtual void do_read(int reader, SerialReading& reading) = 0;
};

}  // namespace signalbox::hal
