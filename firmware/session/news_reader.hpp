#pragma once

#include "session/context.hpp"
#include "session/session.hpp"

namespace signalbox::session {

/// Whether an event or an announcement waits for this session; passes over those that are not for it. While
/// one waits, telemetry folds instead of joining the row, so that offsets never go back on a connection.
bool has_news(Session& session, const Context& context);

/// The next of them, or how many were lost; only where `has_news`.
protocol::Published next_news(Session& session, const Context& context);

}  // namespace signalbox::session
