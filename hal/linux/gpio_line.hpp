#pragma once

#include <string_view>

#include "base/result.hpp"
#include "hal/linux/descriptor.hpp"

namespace signalbox::hal::kernel {

/// A line of a GPIO chip, ours alone until closed (linux/gpio.h, version 2 of its interface; kernel 5.10).
class GpioLine {
 public:
  /// `name` as the kernel has it (`gpioinfo` shows them), or `gpiochip0:17` by chip and number. An output has
  /// `level` from the first moment on. Errors: `not_found`; `busy` with whose it is; `failed`; in words for a
  /// person.
  static Result<GpioLine> open(std::string_view name, bool is_output, bool level);

  /// Whether open() would get it, without asking for it.
  static Result<void> look(std::string_view name);

  GpioLine() = default;

  explicit operator bool() const { return static_cast<bool>(line_); }
  bool is_output() const { return is_output_; }
  /// False with errno.
  bool write(bool level) const;
  /// What the pin has, of an output too; false with errno.
  bool read(bool& level) const;

 private:
  GpioLine(Descriptor line, bool is_output) : line_{std::move(line)}, is_output_{is_output} {}

  Descriptor line_;
  bool is_output_ = false;
};

}  // namespace signalbox::hal::kernel
