#include "memory/library_heaps.hpp"

#include <cstring>
#include <libwebsockets.h>
#include <mbedtls/platform.h>

#include "base/check.hpp"

namespace signalbox::memory {
namespace {

LibraryHeaps* installed = nullptr;  // the libraries' hooks have no argument of ours

}  // namespace

void LibraryHeaps::install() {
  SIGNALBOX_CHECK(installed == nullptr);
  installed = this;
  mbedtls_platform_set_calloc_free(tls_calloc, tls_free);
  lws_set_allocator(lws_realloc);
}

LibraryHeaps::~LibraryHeaps() {
  if (installed == this) installed = nullptr;
}

void* LibraryHeaps::tls_calloc(std::size_t count, std::size_t size) {
  SIGNALBOX_CHECK(installed != nullptr);
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) return nullptr;
  void* block = installed->tls_.allocate(bytes);
  if (block != nullptr) std::memset(block, 0, bytes);
  return block;
}

void LibraryHeaps::tls_free(void* block) {
  SIGNALBOX_CHECK(installed != nullptr || block == nullptr);
  if (block != nullptr) installed->tls_.release(block);
}

void* LibraryHeaps::lws_realloc(void* block, std::size_t bytes, const char* /*reason*/) {
  SIGNALBOX_CHECK(installed != nullptr);
  if (bytes != 0) return installed->lws_.reallocate(block, bytes);
  installed->lws_.release(block);
  return nullptr;
}

}  // namespace signalbox::memory
