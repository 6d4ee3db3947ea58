#pragma once

#include "base/result.hpp"

namespace signalbox::hal::kernel {

/// Becomes that user, for good: its user and group, no other groups, and of root's capabilities the one that
/// opens ports below 1024 only, which give_up_privileges() takes as well. `user`: a name of /etc/passwd, or
/// UID:GID. Before anything is opened, so that all that is made belongs to the user. The result is looked
/// at, not believed. Errors with words for a person: unknown, root itself, or no right to become it.
Result<void> become(const char* user);

/// No capability, in no set; no new ones by running a program; nobody but root reads this process' memory.
/// Where `dumpable`, only that last is left out.
Result<void> give_up_privileges(bool dumpable);

}  // namespace signalbox::hal::kernel
