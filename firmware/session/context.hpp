#pragma once

#include "base/instant.hpp"
#include "device/roster.hpp"
#include "device/values.hpp"
#include "journal/journal.hpp"
#include "protocol/view.hpp"
#include "session/event_log.hpp"
#include "telemetry/history.hpp"

namespace signalbox::session {

/// What all sessions share: the device they look at and the limits they live under.
struct Context {
  const device::Roster& roster;
  const device::Values& values;
  const telemetry::History& history;
  const protocol::Limits& limits;
  WallClock& clock;
  EventLog& events;
  FixedText<16> epoch;
  std::string_view firmware_version;
  const journal::Journal* journal = nullptr;  ///< nullptr: none is kept

  protocol::View view(Instant now) const {
    return {roster, values, history, limits, clock, now, epoch, firmware_version, journal};
  }
};

}  // namespace signalbox::session
