#pragma once

#include <cstdint>
#include <string_view>

#include "base/instant.hpp"
#include "base/principal.hpp"
#include "device/roster.hpp"
#include "device/values.hpp"
#include "journal/journal.hpp"
#include "telemetry/alarms.hpp"
#include "telemetry/history.hpp"

namespace signalbox::protocol {

/// The limits told in `welcome` and `describe`.
struct Limits {
  std::uint32_t sessions = 0;
  std::uint32_t message_bytes = 0;
  std::uint32_t nesting = 16;
  std::uint32_t subscriptions = 0;       ///< per session
  std::uint32_t commands_in_flight = 0;  ///< per session
  std::uint32_t groups = 4;              ///< that a session may join
  std::uint32_t history_samples = 0;     ///< kept of each channel
  std::uint32_t authenticate_ms = 0;     ///< a session without a credential is closed after that
  std::uint32_t heartbeat_ms = 0;        ///< the device sends a WebSocket ping that often
  std::uint32_t dead_after_ms = 0;       ///< nothing heard for that long: the peer is gone
  std::uint32_t unread_after_ms = 0;     ///< nothing taken for that long: closed with 1013
  std::uint32_t requests_per_s =
      0;                          ///< of a session, by HTTP of a credential; beyond it `busy`. 0: not limited
  std::uint32_t bytes_per_s = 0;  ///< of a session; beyond it reading pauses. 0: not limited
  std::uint32_t failed_logins = 0;            ///< of a network, that are free; 0: any number
  std::uint32_t connections_per_address = 0;  ///< of a network, at once; 0: not limited
};

/// What a message may be rendered from: the device as one session may see it, at one moment.
struct View {
  const device::Roster& roster;
  const device::Values& values;
  const telemetry::History& history;
  const Limits& limits;
  const WallClock& clock;
  Instant now;
  std::string_view epoch;
  std::string_view firmware_version;
  bool stopped = false;                       ///< outputs stay safe until `reset`
  const journal::Journal* journal = nullptr;  ///< nullptr: none is kept
  const telemetry::Alarms* alarms = nullptr;  ///< nullptr: none is watched for
};

}  // namespace signalbox::protocol
