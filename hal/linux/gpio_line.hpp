#pragma once

#include <string_view>

#include "base/fixed_text.hpp"
#include "base/result.hpp"
#include "hal/digital.hpp"
#include "hal/linux/descriptor.hpp"

namespace signalbox::hal::kernel {

/// How a line is to be.
struct LineSetup {
  bool is_output = false;
  bool level = false;  ///< an output's, from the first moment on
  bool safe = false;   ///< an output's, where the loop falls silent
  InputSetup input{};
};

/// A line of a GPIO chip, ours alone until closed (linux/gpio.h, version 2 of its interface; kernel 5.10).
class GpioLine {
 public:
  /// So many edges the kernel keeps where not told otherwise. Of more it drops the oldest, whose numbers show
  /// that they were there: so it is enough to look when somebody asks for the line.
  static constexpr std::size_t kEdgesKept = 16;

  /// `name` as the kernel has it (`gpioinfo` shows them), or `gpiochip0:17` by chip and number. Errors:
  /// `not_found`; `busy` with whose it is; `failed`, such as with what the chip cannot do; in words for a
  /// person.
  static Result<GpioLine> open(std::string_view name, const LineSetup& setup);

  /// Whether open() would get it, without asking for it.
  static Result<void> look(std::string_view name);

  GpioLine() = default;

  explicit operator bool() const { return static_cast<bool>(line_); }
  bool is_output() const { return is_output_; }
  /// What of its setup it does not have, though it was opened; for a person.
  const FixedText<95>& lacks() const { return lacks_; }
  /// False with errno.
  bool write(bool level) const;
  /// What the pin has, of an output too, and the edges; false with errno.
  bool read(bool& level, EdgeTally& edges);

 private:
  GpioLine(Descriptor line, const LineSetup& setup);
  bool count_edges(bool& level);

  Descriptor line_;
  bool is_output_ = false;
  Edges counted_ = Edges::none;
  std::uint32_t last_number_ = 0;  ///< of the kernel's, which wraps
  EdgeTally edges_{};
  FixedText<95> lacks_;
};

}  // namespace signalbox::hal::kernel
