#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/instant.hpp"
#include "control/actor.hpp"
#include "device/channel.hpp"

namespace signalbox::control {

/// What moved an output, from the weakest to the strongest: a stronger cause takes over from a weaker one.
enum class Cause : std::uint8_t {
  command,
  read_back,  ///< it should be safe, but reads otherwise
  pulse_ended,
  lease_ended,
  baton_lost,
  local_override,  ///< a switch on the device
  interlock,
  reload,  ///< the device file changes what it is
  stop,
  shutdown,
};

constexpr std::string_view wire_name(Cause cause) {
  constexpr std::array<std::string_view, 10> names{"command",   "readBack", "pulseEnded", "leaseEnded",
                                                   "batonLost", "override", "interlock",  "reload",
                                                   "stop",      "shutdown"};
  return names[static_cast<std::size_t>(cause)];
}

/// One movement of one output, or why there was none.
struct Actuation {
  Instant asked_at{};
  Instant at{};  ///< when its outcome was known
  device::ChannelIndex channel = device::kNoChannel;
  Cause cause = Cause::command;
  Actor actor{};             ///< whose command; nobody's where the device acts by itself
  FixedText<36> trace_id{};  ///< of the request, where there was one
  device::Value before{};
  device::Value after{};
  std::optional<Reason> failed;  ///< none: applied
};

/// The device was stopped, or reset after that.
struct StopChange {
  bool stopped = false;
  Instant at{};
  Actor by{};                ///< nobody's where a button on the device did it
  FixedText<36> trace_id{};  ///< of the request, where there was one
};

/// Where control tells what it moved.
class ActuationListener {
 public:
  void actuated(const Actuation& actuation) { do_actuated(actuation); }
  void stop_changed(const StopChange& change) { do_stop_changed(change); }

 protected:
  ~ActuationListener() = default;

 private:
  virtual void do_actuated(const Actuation& actuation) = 0;
  virtual void do_stop_changed(const StopChange& change) = 0;
};

}  // namespace signalbox::control
