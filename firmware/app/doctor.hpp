#pragma once

#include <cstdio>

#include "device/roster.hpp"
#include "hal/host.hpp"
#include "hal/survey.hpp"

namespace signalbox::app {

/// Says to `to` what the machine offers, and of each part whether what it wants is there; where not, what
/// would help. Moves nothing. `host`: null where the board has none. Returns the exit code: 0 where
/// everything is there, else 1.
int examine(const device::Roster& roster, hal::Survey& survey, hal::Host* host, std::FILE* to);

}  // namespace signalbox::app
