#pragma once

#include <cstdint>
#include <optional>

#include "base/error.hpp"
#include "base/instant.hpp"
#include "base/slot_pool.hpp"
#include "device/channel.hpp"
#include "device/rung.hpp"

namespace signalbox::control {

/// The answer was given already; nobody waits for another.
inline constexpr std::uint32_t kNoPlace = 0xFFFFFFFF;

/// Where a command's answer goes: whose, and which of their reserved places. Control only carries it.
struct Ticket {
  Handle session;
  std::uint32_t place = kNoPlace;
};

/// An output to be moved, rights already checked.
struct Command {
  Ticket ticket;
  device::ChannelIndex channel = device::kNoChannel;
  std::optional<device::Value> value{};  ///< none: the opposite of what it is when the command's turn comes
  device::Rung until = device::Rung::verified;
  Instant deadline{};  ///< not handed to the hardware by then: expired
};

/// How a command came along.
struct Progressed {
  Ticket ticket;
  device::Rung rung = device::Rung::accepted;
  bool final = false;
  std::optional<Error> error{};  ///< final, and failed
};

/// Where the controller tells how its commands come along.
class CommandListener {
 public:
  void progressed(const Progressed& progressed) { do_progressed(progressed); }

 protected:
  ~CommandListener() = default;

 private:
  virtual void do_progressed(const Progressed& progressed) = 0;
};

}  // namespace signalbox::control
