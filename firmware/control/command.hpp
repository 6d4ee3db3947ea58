#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/error.hpp"
#include "base/instant.hpp"
#include "base/slot_pool.hpp"
#include "control/actor.hpp"
#include "device/action.hpp"
#include "device/channel.hpp"
#include "device/rung.hpp"

namespace signalbox::control {

using device::kWritesMax;

/// The answer was given already; nobody waits for another.
inline constexpr std::uint32_t kNoPlace = 0xFFFFFFFF;

/// Where a command's answer goes: whose, and which of their reserved places. Control only carries it.
struct AnswerTo {
  Handle session;
  std::uint32_t place = kNoPlace;
  std::uint32_t memory_place = kNoPlace;  ///< in the answer memory, for a repeat; kNoPlace: not kept
};

/// One output to be moved.
struct Write {
  using Action = device::Action;
  device::ChannelIndex channel = device::kNoChannel;
  Action action = Action::set;
  device::Value value{};                      ///< for `set`
  Duration pulse{};                           ///< for `pulse`
  std::optional<std::uint64_t> if_version{};  ///< the channel must still be at that version
};

/// Outputs to be moved together or not at all, rights already checked.
struct Command {
  AnswerTo answer_to;
  Actor actor{};
  FixedText<36> trace_id{};  ///< of the request
  std::array<Write, kWritesMax> writes{};
  std::uint8_t writes_count = 0;
  device::Rung until = device::Rung::verified;
  Instant asked_at{};
  Instant deadline{};  ///< not handed to the hardware by then: expired
  Duration lease{};    ///< 0: none asked for

  std::span<const Write> all() const { return std::span{writes}.first(writes_count); }
  bool moves(device::ChannelIndex channel) const {
    for (const Write& write : all())
      if (write.channel == channel) return true;
    return false;
  }
};

/// Why one write of a command stands in the way of all.
struct Refusal {
  device::ChannelIndex channel = device::kNoChannel;
  Reason reason = Reason::internal;
};
using Refusals = std::span<const Refusal>;

/// How far a command has come.
struct Progressed {
  AnswerTo answer_to;
  device::Rung rung = device::Rung::accepted;
  bool final = false;
  std::optional<Error> error{};  ///< final, and failed
  Refusals refusals{};           ///< where more than one output was to be moved
};

/// Where the controller reports how far its commands have come.
class CommandListener {
 public:
  void progressed(const Progressed& progressed) { do_progressed(progressed); }

 protected:
  ~CommandListener() = default;

 private:
  virtual void do_progressed(const Progressed& progressed) = 0;
};

}  // namespace signalbox::control
