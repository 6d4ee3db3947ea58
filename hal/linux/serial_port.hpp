#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/fixed_text.hpp"
#include "base/result.hpp"
#include "hal/linux/descriptor.hpp"

namespace signalbox::hal::kernel {

/// A serial port, ours alone until closed (termios(3)): raw, 8 data bits, no parity, 1 stop bit, no modem
/// lines, and never this process's controlling terminal. Reading does not wait.
class SerialPort {
 public:
  /// `device`: a file below `/dev`, or `ttyUSB@1-1.2`: of the adapters of that kind the one that hangs there.
  /// Errors: `not_found`, `busy`, `failed`, in words for a person. What came before is dropped.
  static Result<SerialPort> open(std::string_view device, std::uint32_t baud);
  /// Whether it is there and may be opened, without opening it: many a board starts anew by that.
  static Result<void> look(std::string_view device);

  SerialPort() = default;
  SerialPort(SerialPort&&) = default;
  SerialPort& operator=(SerialPort&&) = default;
  ~SerialPort();

  explicit operator bool() const { return static_cast<bool>(file_); }
  /// As many bytes as have come, 0 where none have; -1 where the device is gone.
  long read(std::array<char, 256>& into) const;

 private:
  explicit SerialPort(Descriptor file) : file_{std::move(file)} {}

  Descriptor file_;
};

}  // namespace signalbox::hal::kernel
