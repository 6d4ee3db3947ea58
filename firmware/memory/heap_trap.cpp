#include "memory/heap_trap.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unwind.h>

#include "memory/poison.hpp"  // tells whether the address sanitizer is there

namespace signalbox::memory {
namespace {

std::atomic<bool> armed{false};
std::atomic<std::uint64_t> counted{0};
std::array<HeapTrap::Caller, HeapTrap::kCallersMax> callers;

struct Walk {
  HeapTrap::Caller* caller;
  std::size_t frames;
  std::size_t skip;
};

_Unwind_Reason_Code note_frame(_Unwind_Context* context, void* argument) {
  auto& walk = *static_cast<Walk*>(argument);
  if (walk.skip > 0) {
    --walk.skip;
    return _URC_NO_REASON;
  }
  if (walk.frames == HeapTrap::kFramesMax - 1) return _URC_END_OF_STACK;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): an address is what we want to keep
  walk.caller->frames[walk.frames++] = reinterpret_cast<void*>(_Unwind_GetIP(context));
  return _URC_NO_REASON;
}

[[maybe_unused]] [[gnu::noinline]] void count(const char* function) {
  const std::uint64_t before = counted.fetch_add(1);
  if (before >= callers.size()) return;
  armed = false;  // the walk itself must not count
  HeapTrap::Caller& caller = callers[static_cast<std::size_t>(before)];
  caller = {.function = function};
  Walk walk{.caller = &caller, .frames = 0, .skip = 2};
  _Unwind_Backtrace(note_frame, &walk);
  armed = true;
}

}  // namespace

void HeapTrap::arm() {
  callers.fill({});
  counted = 0;
  armed = true;
}

void HeapTrap::disarm() { armed = false; }

std::uint64_t HeapTrap::calls() { return counted; }

HeapTrap::Caller HeapTrap::caller(std::size_t index) {
  return index < callers.size() ? callers[index] : Caller{};
}

void HeapTrap::report() {
  const bool was_armed = armed.exchange(false);
  std::fprintf(stderr, "heap calls: %llu%s\n", static_cast<unsigned long long>(calls()),
               is_linked() ? "" : " (no trap in this build)");
  for (const Caller& caller : callers) {
    if (caller.function == nullptr) break;
    std::fprintf(stderr, "%s from", caller.function);
    for (void* frame : caller.frames)
      if (frame != nullptr) std::fprintf(stderr, " %p", frame);
    std::fputc('\n', stderr);
  }
  if (std::FILE* maps = calls() > 0 ? std::fopen("/proc/self/maps", "r") : nullptr; maps != nullptr) {
    std::array<char, 512> line{};
    while (std::fgets(line.data(), line.size(), maps) != nullptr)
      if (std::strstr(line.data(), " r-xp ") != nullptr) std::fputs(line.data(), stderr);
    std::fclose(maps);
  }
  armed = was_armed;
}

}  // namespace signalbox::memory

#ifdef SIGNALBOX_POISONS

bool signalbox::memory::HeapTrap::is_linked() { return false; }

#else

bool signalbox::memory::HeapTrap::is_linked() { return true; }

// glibc's own functions, under the names that stay reachable when malloc is replaced.
extern "C" {
void* __libc_malloc(std::size_t bytes);
void* __libc_calloc(std::size_t count, std::size_t bytes);
void* __libc_realloc(void* block, std::size_t bytes);
void* __libc_memalign(std::size_t alignment, std::size_t bytes);
void __libc_free(void* block);

void* malloc(std::size_t bytes) {
  if (signalbox::memory::armed) signalbox::memory::count("malloc");
  return __libc_malloc(bytes);
}

void* calloc(std::size_t number, std::size_t bytes) {
  if (signalbox::memory::armed) signalbox::memory::count("calloc");
  return __libc_calloc(number, bytes);
}

void* realloc(void* block, std::size_t bytes) {
  if (signalbox::memory::armed) signalbox::memory::count("realloc");
  return __libc_realloc(block, bytes);
}

void* memalign(std::size_t alignment, std::size_t bytes) {
  if (signalbox::memory::armed) signalbox::memory::count("memalign");
  return __libc_memalign(alignment, bytes);
}

void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
  if (signalbox::memory::armed) signalbox::memory::count("aligned_alloc");
  return __libc_memalign(alignment, bytes);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t bytes) {
  if (signalbox::memory::armed) signalbox::memory::count("posix_memalign");
  void* got = __libc_memalign(alignment, bytes);
  if (got == nullptr) return ENOMEM;
  *block = got;
  return 0;
}

void free(void* block) {
  if (block != nullptr && signalbox::memory::armed) signalbox::memory::count("free");
  __libc_free(block);
}
}

#endif
