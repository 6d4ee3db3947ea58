#pragma once

#include <array>
#include <cstdint>

#include "base/fixed_text.hpp"
#include "base/instant.hpp"
#include "hal/attribute.hpp"
#include "hal/can.hpp"
#include "hal/linux/gpio_line.hpp"
#include "hal/operation.hpp"

namespace signalbox::hal::kernel {

/// What the loop asks of the process that holds a device: one datagram. What a kind does not name is not
/// looked at.
struct PortRequest {
  enum class Kind : std::uint8_t {
    alive,     ///< the loop goes round; no answer
    claim,     ///< `name` becomes line `line`, as `setup` has it; or a PWM output with `duty`, at `rate`, and
               ///< `safe_duty` where the loop falls silent
    release,   ///< line `line` is free for somebody else; an output keeps its level
    write,     ///< line `line` gets `level` (PWM: `duty`)
    read,      ///< the level of line `line`, and its edges
    measure,   ///< the number that `channel` of `name` shows in `subsystem`
    hear,      ///< the last line of text on serial port `name`, at `rate`, that begins with `channel`; its
               ///< reader is `line`
    receive,   ///< the last frame `can_id` on CAN interface `name`; its reader is `line`
    transfer,  ///< I2C bus `line`: `bytes` to `address`, and after a repeated start `read_bytes` from it
    exchange,  ///< SPI bus `line`: `bytes` to chip select `address`, at `rate`, and as many from it
  };
  std::uint64_t id = 0;  ///< from 1
  Instant deadline = kNever;
  Kind kind = Kind::alive;
  bool level = false;
  std::uint8_t address = 0;
  std::uint8_t write_bytes = 0;
  std::uint8_t read_bytes = 0;
  std::uint8_t spi_mode = 0;
  std::int32_t line = -1;
  std::uint32_t rate = 0;  ///< of a PWM signal and of SPI's clock in Hz, of a serial line in baud
  double duty = 0.0;       ///< 0 to 1
  double safe_duty = 0.0;
  LineSetup setup{};
  std::array<std::uint8_t, 16> bytes{};
  FixedText<31> name;
  FixedText<31> channel;
  AttributeSource::Subsystem subsystem{};
  CanId can_id{};
};

/// What it answers.
struct PortReply {
  /// In the place of a request's id: the process died, and another one takes over.
  static constexpr std::uint64_t kDied = 0;
  /// It made all outputs safe, because it had not heard of the loop for `silent_ms`.
  static constexpr std::uint64_t kMadeSafe = ~std::uint64_t{0};

  std::uint64_t id = kDied;
  Completion completion = Completion::failed;
  bool level = false;
  EdgeTally edges{};
  std::uint32_t silent_ms = 0;
  double value = 0.0;
  std::array<std::uint8_t, 32> bytes{};
  FixedText<127> text;        ///< that was heard; empty: none
  std::uint32_t dropped = 0;  ///< lines that were no text
  bool has_frame = false;     ///< one was received, into `bytes`
  std::uint8_t frame_bytes = 0;
  Instant received_at{};
  FixedText<95> why;  ///< where it failed, or what it lacks, for a person
};

}  // namespace signalbox::hal::kernel
