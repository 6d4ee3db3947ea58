// Stands between the libraries and the memory that the firmware hands them, and makes allocations fail as a
// test outside says: through a file that both map, named by SIGNALBOX_FAILING_MEMORY.
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <libwebsockets.h>
#include <mbedtls/platform.h>
#include <sys/mman.h>
#include <unistd.h>
#include <unwind.h>

namespace {

enum Library : std::size_t { tls, lws, kLibraries };

/// What test and program share; 64-bit words.
struct Shared {
  std::atomic<std::uint64_t> after;  ///< the allocation that many from now fails, counting from 1; 0: none
  std::atomic<std::uint64_t>
      new_site;                       ///< 1: the next one from where none has failed yet fails; then it is 0
  std::atomic<std::uint64_t> failed;  ///< so many have
  std::atomic<std::uint64_t> calls;   ///< so many allocations were asked for
  std::array<std::atomic<std::uint64_t>, kLibraries> blocks;  ///< in use, of each library
  std::array<std::atomic<std::uint64_t>, 12> callers;  ///< of the last that failed, as addr2line takes them
};

Shared* shared = nullptr;

constexpr std::size_t kDepth = 5;  ///< so many callers tell a site from others
constexpr std::size_t kSitesMax = 1U << 14U;
std::array<std::uint64_t, kSitesMax> sites{};  ///< hashes; 0: none

struct Walk {
  std::array<std::uintptr_t, 12> frames{};
  std::size_t count = 0;
};

_Unwind_Reason_Code take_frame(_Unwind_Context* context, void* argument) {
  auto& walk = *static_cast<Walk*>(argument);
  walk.frames[walk.count++] = _Unwind_GetIP(context);
  return walk.count < walk.frames.size() ? _URC_NO_REASON : _URC_END_OF_STACK;
}

/// Whether no allocation has failed there yet; from now on one has.
bool is_new_site(const Walk& walk) {
  std::uint64_t hash = 1;
  for (std::size_t i = 0; i < kDepth + 3; ++i) hash = (hash ^ walk.frames[i]) * 0x100000001B3U;
  for (auto i = static_cast<std::size_t>(hash % kSitesMax);; i = (i + 1) % kSitesMax) {
    if (sites[i] == hash) return false;
    if (sites[i] == 0) {
      sites[i] = hash;
      return true;
    }
  }
}

// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): the linker's name
extern "C" const char __executable_start;

[[gnu::noinline]] bool fails() {
  if (shared == nullptr) return false;
  ++shared->calls;
  const bool is_last = shared->after > 0 && --shared->after == 0;
  if (!is_last && shared->new_site == 0) return false;
  Walk walk;
  _Unwind_Backtrace(take_frame, &walk);
  if (!is_last && !is_new_site(walk)) return false;
  for (std::size_t i = 0; i < walk.count; ++i)
    shared->callers[i] = walk.frames[i] - reinterpret_cast<std::uintptr_t>(&__executable_start);
  shared->new_site = 0;
  ++shared->failed;
  return true;
}

void count(Library library, int by) {
  if (shared != nullptr) shared->blocks[library] += static_cast<std::uint64_t>(by);
}

void* (*real_tls_calloc)(std::size_t, std::size_t) = nullptr;
void (*real_tls_free)(void*) = nullptr;
void* (*real_lws_realloc)(void*, std::size_t, const char*) = nullptr;

void* failing_tls_calloc(std::size_t number, std::size_t bytes) {
  void* block = fails() ? nullptr : real_tls_calloc(number, bytes);
  if (block != nullptr) count(tls, 1);
  return block;
}

void counting_tls_free(void* block) {
  if (block != nullptr) count(tls, -1);
  real_tls_free(block);
}

void* failing_lws_realloc(void* block, std::size_t bytes, const char* reason) {
  if (bytes != 0 && fails()) return nullptr;
  void* moved = real_lws_realloc(block, bytes, reason);
  if (block == nullptr && moved != nullptr) count(lws, 1);
  if (block != nullptr && bytes == 0) count(lws, -1);
  return moved;
}

void share() {
  const char* path = std::getenv("SIGNALBOX_FAILING_MEMORY");
  if (path == nullptr || shared != nullptr) return;
  const int file = open(path, O_RDWR | O_CLOEXEC);
  void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (file < 0 || memory == MAP_FAILED) std::abort();
  close(file);
  shared = static_cast<Shared*>(memory);
  Walk first;  // begins with a call that the sandbox does not know
  _Unwind_Backtrace(take_frame, &first);
}

}  // namespace

// The linker leads the firmware's calls here (--wrap).
// NOLINTBEGIN(bugprone-reserved-identifier): its names
extern "C" {
int __real_mbedtls_platform_set_calloc_free(void* (*)(std::size_t, std::size_t), void (*)(void*));
void __real_lws_set_allocator(void* (*)(void*, std::size_t, const char*));

int __wrap_mbedtls_platform_set_calloc_free(void* (*calloc_fn)(std::size_t, std::size_t),
                                            void (*free_fn)(void*)) {
  share();
  real_tls_calloc = calloc_fn;
  real_tls_free = free_fn;
  return __real_mbedtls_platform_set_calloc_free(failing_tls_calloc, counting_tls_free);
}

void __wrap_lws_set_allocator(void* (*realloc_fn)(void*, std::size_t, const char*)) {
  real_lws_realloc = realloc_fn;
  __real_lws_set_allocator(failing_lws_realloc);
}
}
// NOLINTEND(bugprone-reserved-identifier)
