#pragma once

#include "hal/linux/system_calls.hpp"
#include "hal/sandbox.hpp"

namespace signalbox::hal::kernel {

/// For the process that speaks to the network: no capability, no_new_privs, not dumpable; Landlock around the
/// state directory, the directories of the files it is given and what hal/linux/host reads; its filter of
/// system calls. An hal::EnterSandbox.
Result<SandboxState> enter_sandbox(const SandboxNeeds& needs);

/// The same for a process of the journal, which has its directory and socket open and needs nothing else.
Result<void> enter_sandbox(Process process, int directory);

}  // namespace signalbox::hal::kernel
