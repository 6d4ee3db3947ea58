#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define SIGNALBOX_POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIGNALBOX_POISONS 1
#endif
#endif

#ifdef SIGNALBOX_POISONS
#include <sanitizer/asan_interface.h>
#endif

namespace signalbox::memory {

/// Free memory of our own pools is as forbidden as the C library's, where the address sanitizer watches.
inline void poison([[maybe_unused]] void* from, [[maybe_unused]] std::size_t bytes) {
#ifdef SIGNALBOX_POISONS
  ASAN_POISON_MEMORY_REGION(from, bytes);
#endif
}

inline void unpoison([[maybe_unused]] void* from, [[maybe_unused]] std::size_t bytes) {
#ifdef SIGNALBOX_POISONS
  ASAN_UNPOISON_MEMORY_REGION(from, bytes);
#endif
}

}  // namespace signalbox::memory
