#pragma once

#include <cstdio>

#include "link/ws_server.hpp"
#include "machine/machine.hpp"
#include "memory/library_heaps.hpp"

namespace signalbox::app {

/// Where the firmware stands: every pool's use, high water and refusals, the steps of connections' lives, and
/// the calls to the C library's heap since start. One `name value…` line each, for people and scripts.
void print_report(std::FILE* to, machine::Machine& machine, const link::WsServer& server,
                  const memory::LibraryHeaps& heaps);

}  // namespace signalbox::app
