#pragma once

#include "base/instant.hpp"
#include "control/controller.hpp"
#include "device/roster.hpp"
#include "device/values.hpp"
#include "journal/journal.hpp"
#include "protocol/view.hpp"
#include "session/news.hpp"
#include "session/reload_desk.hpp"
#include "telemetry/alarms.hpp"
#include "telemetry/history.hpp"
#include "trust/tokens.hpp"

namespace signalbox::session {

class Vitals;

/// What all sessions share: the device they look at and the limits they live under.
struct Context {
  const device::Roster& roster;
  const device::Values& values;
  const telemetry::History& history;
  telemetry::Alarms& alarms;
  const protocol::Limits& limits;
  WallClock& clock;
  News& news;
  const control::Controller& controller;
  control::ActuationListener& actuations;
  FixedText<16> epoch;
  std::string_view firmware_version;
  journal::Journal* journal = nullptr;  ///< nullptr: none is kept
  ReloadDesk* reload_desk = nullptr;    ///< nullptr: the device file stays
  const Vitals* vitals = nullptr;       ///< nullptr: nobody tells more than sessions know

  /// Adds to the journal what has just happened.
  void note(journal::Record record, Instant now) const {
    record.at_ms = clock.label(now).unix_ms;
    if (journal != nullptr) journal->append(record);
  }

  /// What a token that is shown now is held against.
  trust::Here here(Instant now) const { return {roster.id, clock.label(now)}; }

  protocol::View view(Instant now) const {
    return {.roster = roster,
            .values = values,
            .history = history,
            .limits = limits,
            .clock = clock,
            .now = now,
            .epoch = epoch,
            .firmware_version = firmware_version,
            .stopped = controller.is_stopped(),
            .journal = journal,
            .alarms = &alarms};
  }
};

}  // namespace signalbox::session
