// Memory of the test endpoint: a counting, limited allocator for each library, and a trap that counts every
// call that reaches the C library's heap.
#pragma once

#include <cstddef>

namespace heap {

struct Pool {
  long bytes = 0;
  long peak = 0;
  long blocks = 0;
  long calls = 0;
  long refused = 0;
  long limit = 1L << 40;  // bytes
  long fail_at = 0;       // refuse the call with this number, once

  void* allocate(std::size_t size);
  void release(void* block);
};

extern Pool lws_pool;
extern Pool tls_pool;

// Calls of malloc, calloc, realloc and free, by whomever, since the trap was armed.
void arm_trap();
long trapped_calls();

// The hooks that the libraries take.
void* lws_hook(void* block, std::size_t size, const char* reason);
void* tls_calloc(std::size_t count, std::size_t size);
void tls_free(void* block);

}  // namespace heap
