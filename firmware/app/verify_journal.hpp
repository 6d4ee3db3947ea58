#pragma once

#include <cstdio>
#include <span>

namespace signalbox::app {

/// Proves the chain of a journal's files, given oldest first, and says to `to` how many records are proven;
/// or to `complaints` which line is wrong, what was found and what would be right. Returns the exit code: 0
/// where all of it is proven, else 1.
int verify_journal(std::span<const char* const> files, std::FILE* to, std::FILE* complaints);

}  // namespace signalbox::app
