#include "heap.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define SIGNALBOX_TRAPPED 0
#include <cstdlib>
#else
#define SIGNALBOX_TRAPPED 1
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);
}
#endif

namespace heap {

Pool lws_pool;
Pool tls_pool;

namespace {

/// The C library's own, below the trap.
void* real_malloc(std::size_t size) {
#if SIGNALBOX_TRAPPED
  return __libc_malloc(size);
#else
  return std::malloc(size);
#endif
}

void real_free(void* block) {
#if SIGNALBOX_TRAPPED
  __libc_free(block);
#else
  std::free(block);
#endif
}

bool armed = false;
long trapped = 0;

// A block starts with its size, padded so that what follows stays aligned.
struct alignas(16) Header {
  std::size_t size;
  std::uint64_t mark;
};
constexpr std::uint64_t kMark = 0x5167'6e61'6c62'6f78;

Header* header_of(void* block) { return static_cast<Header*>(block) - 1; }

[[noreturn]] void die(const char* why) {
  (void)!write(STDERR_FILENO, why, std::strlen(why));
  _exit(99);
}

}  // namespace

void* Pool::allocate(std::size_t size) {
  ++calls;
  if (calls == fail_at || bytes + static_cast<long>(size) > limit) {
    ++refused;
    return nullptr;
  }
  auto* header = static_cast<Header*>(real_malloc(sizeof(Header) + size));
  if (header == nullptr) return nullptr;
  *header = {size, kMark};
  ++blocks;
  bytes += static_cast<long>(size);
  peak = std::max(peak, bytes);
  return header + 1;
}

void Pool::release(void* block) {
  if (block == nullptr) return;
  Header* header = header_of(block);
  if (header->mark != kMark) die("heap: a block that is not from the pool was given back to it\n");
  header->mark = 0;
  --blocks;
  bytes -= static_cast<long>(header->size);
  std::memset(block, 0xdb, header->size);  // whoever still uses it shall notice
  real_free(header);
}

void arm_trap() { armed = true; }
long trapped_calls() { return SIGNALBOX_TRAPPED ? trapped : -1; }

void* lws_hook(void* block, std::size_t size, const char*) {
  if (size == 0) {
    lws_pool.release(block);
    return nullptr;
  }
  void* fresh = lws_pool.allocate(size);
  if (fresh != nullptr && block != nullptr) {
    std::memcpy(fresh, block, std::min(size, header_of(block)->size));
    lws_pool.release(block);
  }
  return fresh;
}

void* tls_calloc(std::size_t count, std::size_t size) {
  void* block = tls_pool.allocate(count * size);
  if (block != nullptr) std::memset(block, 0, count * size);
  return block;
}

void tls_free(void* block) { tls_pool.release(block); }

}  // namespace heap

#if SIGNALBOX_TRAPPED
// Defined here, these take the place of the C library's own, for its internal callers too.
extern "C" {
void* malloc(std::size_t size) {
  if (heap::armed) ++heap::trapped;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  if (heap::armed) ++heap::trapped;
  return __libc_calloc(count, size);
}
void* realloc(void* block, std::size_t size) {
  if (heap::armed) ++heap::trapped;
  return __libc_realloc(block, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
  if (heap::armed) ++heap::trapped;
  return __libc_memalign(alignment, size);
}
void free(void* block) {
  if (heap::armed && block != nullptr) ++heap::trapped;
  __libc_free(block);
}
}
#endif
