#pragma once

#include <cstdint>

namespace signalbox::hal {

/// How far a split-phase operation has come. It is submitted now and completed in a later step, so that
/// nobody ever waits for a bus.
enum class Completion : std::uint8_t {
  idle,       ///< never submitted, or its end was taken note of
  pending,    ///< submitted; its record belongs to the port until it completes
  done,       ///< finished; results are in the record
  no_reply,   ///< the other side did not answer (I2C: not acknowledged)
  timed_out,  ///< the deadline passed first, or it was withdrawn; the port guarantees that it will not happen
              ///< later
  failed,     ///< the port or the bus refused
  absent,     ///< the device, or the bus that it hangs on, is not there, and may come
};

constexpr bool is_final(Completion completion) {
  return completion != Completion::idle && completion != Completion::pending;
}

}  // namespace signalbox::hal
