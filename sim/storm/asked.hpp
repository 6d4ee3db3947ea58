#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/instant.hpp"
#include "base/rate_policy.hpp"
#include "device/channel.hpp"
#include "device/rung.hpp"
#include "sim/storm/recorder.hpp"

namespace signalbox::sim::storm {

/// A command as its sender remembers it.
struct AskedCommand {
  Output output = Output::heater;
  bool toggles = false;
  double level = 0.0;  ///< as the twin counts it
  device::Rung until = device::Rung::verified;
  std::optional<std::int64_t> deadline_ms;
  std::optional<std::int64_t> not_after_ms;
  Instant deadline{};      ///< counted from the moment it was delivered
  std::size_t rivals = 0;  ///< commands of the same client that were unanswered at that moment
};

/// One message a client sent, and what it heard of it.
struct Asked {
  enum class Kind : std::uint8_t {
    authenticate,
    ping,
    describe,
    subscribe,
    unsubscribe,
    command,
    safety,  ///< renew, baton, stop, reset
    repeat,  ///< of a command that is answered
    junk
  };
  Kind kind = Kind::junk;
  std::string id;            ///< msgId; empty: none, its answer cannot be told from others without one
  bool in_pieces = false;    ///< may be refused for want of an inbox, without a replyTo
  bool is_finished = true;   ///< false: its last piece is never sent
  std::string expected;      ///< the one reason it must be refused with once authenticated; empty: it is good
  std::string data;          ///< ping
  std::string subscription;  ///< subscribe, unsubscribe
  device::ChannelSet channels;
  RatePolicy policy;
  AskedCommand command;
  std::string text;        ///< of a command with a clientId: to be repeated
  std::string remembered;  ///< repeat: the outcome of the first

  bool delivered = false;
  bool was_authenticated = false;  ///< when it was delivered
  bool waits_for_frames = false;   ///< a long answer was owed before this one
  Instant delivered_at{};
  int rung = -1;  ///< the highest told of
  bool answered = false;
  bool synced = false;
  std::string outcome;  ///< the outcome of its `ack`, or the reason of its `error`
};

}  // namespace signalbox::sim::storm
