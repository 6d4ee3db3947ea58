#pragma once

#include <cstddef>

namespace signalbox {

/// Has the processor fetch this memory while it goes on with something else, since it is needed in a moment.
/// What was not used for long is far away: waiting for it takes longer than working on it. Any address may be
/// given; nothing is read.
inline void prefetch(const void* memory, std::size_t bytes) {
  constexpr std::size_t kLineBytes = 64;  // where a processor's are shorter, it fetches fewer of them
  for (std::size_t at = 0; at < bytes; at += kLineBytes)
    __builtin_prefetch(static_cast<const char*>(memory) + at);
}

}  // namespace signalbox
