#pragma once

#include <cstdio>

#include "device/roster.hpp"
#include "hal/survey.hpp"

namespace signalbox::app {

/// Says to `to` what the machine offers, and of each part whether what it wants is there; where not, what
/// would help. Moves nothing. Returns the exit code: 0 where everything is there, else 1.
int examine(const device::Roster& roster, hal::Survey& survey, std::FILE* to);

}  // namespace signalbox::app
