#pragma once

#include "app/firmware.hpp"

namespace signalbox::app {

/// Does the one thing that the options ask for instead of serving (see `run_one_shot`). Where they ask for
/// none: brings the firmware up, serves until SIGTERM or SIGINT, and brings it down with outputs safe. SIGHUP
/// reloads certificates, revocations and the device file; SIGUSR1 prints where the pools stand. Returns the
/// program's exit code; what is wrong is on stderr.
int run(const Firmware& firmware);

}  // namespace signalbox::app
