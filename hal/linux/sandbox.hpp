#pragma once

#include "hal/linux/landlock.hpp"
#include "hal/linux/system_calls.hpp"
#include "hal/sandbox.hpp"

namespace signalbox::hal::kernel {

/// Whether this build can be fenced: the address sanitizer needs more system calls and files than the program
/// that it watches, and looks at its memory. Rights are given up in every build.
bool can_be_fenced();

/// For the process that speaks to the network: no capability, no_new_privs, not dumpable; Landlock around the
/// state directory, the directories of the files it is given and what hal/linux/host reads; its filter of
/// system calls. An hal::EnterSandbox.
Result<SandboxState> enter_sandbox(const SandboxNeeds& needs);

/// The same for a process of the journal, which has its directory and socket open and needs nothing else.
Result<void> enter_sandbox(Process process, int directory, bool fenced);

/// What is left to a process that holds devices, and to the one that watches over it.
struct PortFence {
  Process watcher = Process::port_watcher;
  Process worker = Process::port;
  const char* directory = "/dev";  ///< of files, what lies below it
  Landlock::May may = Landlock::May::control;
  const char* also_read = nullptr;  ///< and what lies below that one, to read
};

/// The same for a process that watches over one that holds devices, and so for that one.
Result<void> enter_sandbox(const PortFence& its, bool fenced);

}  // namespace signalbox::hal::kernel
