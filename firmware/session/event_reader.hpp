#pragma once

#include "session/context.hpp"
#include "session/session.hpp"

namespace signalbox::session {

/// Whether an event waits for this session; passes over those of channels it may not read. While one waits,
/// telemetry folds instead of joining the row, so that offsets never go back on a connection.
bool has_event(Session& session, const Context& context);

/// The next event, or how many were lost; only where `has_event`.
protocol::Published next_event(Session& session, const Context& context);

}  // namespace signalbox::session
