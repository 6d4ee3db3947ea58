#pragma once

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

/// The same for a process that watches over one that holds devices, and so for that one: of files, it reaches
/// those of `/dev`.
Result<void> enter_ports_sandbox(bool fenced);

}  // namespace signalbox::hal::kernel
