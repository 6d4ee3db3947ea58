#pragma once

#include <optional>

#include "app/firmware.hpp"

namespace signalbox::app {

/// What the program does instead of serving: `--help`, `--version`, `--budget`, `--verify-journal`,
/// `--doctor`, `--init`, `--factory-reset`. Returns its exit code, with what is wrong on stderr; nothing
/// where the options ask for none of these.
std::optional<int> run_one_shot(const Firmware& firmware);

}  // namespace signalbox::app
