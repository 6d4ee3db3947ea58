#pragma once

#include <array>
#include <cstdint>
#include <linux/can.h>
#include <span>
#include <string_view>
#include <utility>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "hal/can.hpp"
#include "hal/linux/descriptor.hpp"

namespace signalbox::hal::kernel {

/// How a controller takes part in its bus (ISO 11898-1, fault confinement).
enum class CanState : std::uint8_t {
  active,   ///< error-active: as it should be
  passive,  ///< error-passive: too many errors, it marks others' no more
  off,      ///< bus-off: it neither sends nor hears
};

/// What an error frame (linux/can/error.h) makes of the state that was.
CanState state_after(const can_frame& error, CanState before);

/// Listens on one CAN interface (SocketCAN, linux/can/raw.h). Receiving does not wait.
class CanSocket {
 public:
  /// A data frame.
  struct Frame {
    CanId id;
    std::array<std::uint8_t, CanReading::kBytesMax> bytes{};
    std::uint8_t size = 0;
    Duration age{};  ///< since the kernel had it, by the wall clock; 0 where that was set meanwhile
  };
  enum class Heard : std::uint8_t { frame, nothing, gone };

  /// Hears nothing until want(). Errors, in words for a person: `not_found` where it is not there or down,
  /// `failed` where it is no CAN interface, or the kernel speaks no CAN.
  static Result<CanSocket> open(std::string_view interface);

  CanSocket() = default;
  /// Of a socket that is open, and does not wait; frames come as the kernel's records.
  explicit CanSocket(Descriptor socket);

  explicit operator bool() const { return static_cast<bool>(socket_); }
  /// Which frames are heard, from now on; false with errno where the kernel refuses.
  bool want(std::span<const CanId> ids) const;
  /// The next frame. `gone`: the interface went down, or away; the socket hears nothing any more.
  Heard receive(Frame& into);
  /// As error frames told it since it is open.
  CanState state() const { return state_; }
  /// Whether its controller was on the bus since then, where that was before: one that is bus-off has no
  /// carrier. Asked of the kernel until it was.
  bool has_carrier(std::string_view interface);

 private:
  Descriptor socket_;
  bool has_carrier_ = false;
  CanState state_ = CanState::active;
};

}  // namespace signalbox::hal::kernel
