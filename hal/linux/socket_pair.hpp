#pragma once

#include "base/result.hpp"
#include "hal/linux/descriptor.hpp"

namespace signalbox::hal::kernel {

/// What was asked of the kernel failed: `what`, and errno in words.
Error last_error(const char* what);

/// Two ends for datagrams that come in order (SOCK_SEQPACKET): ours never waits, theirs may.
struct SocketPair {
  Descriptor ours;
  Descriptor theirs;

  static Result<SocketPair> open();
};

}  // namespace signalbox::hal::kernel
