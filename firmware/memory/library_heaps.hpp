#pragma once

#include <cstddef>
#include <span>

#include "base/pool_gauge.hpp"
#include "memory/arena.hpp"
#include "memory/region.hpp"

namespace signalbox::memory {

/// The memory of the three libraries. Each draws from its own region, so that one cannot starve another; none
/// calls the C library's heap. Make one, and call `install` before the first call into any of the libraries.
class LibraryHeaps {
 public:
  /// The memory outlives the libraries' last call.
  LibraryHeaps(std::span<std::byte> tls, std::span<std::byte> lws, std::span<std::byte> json)
      : tls_{tls}, lws_{lws}, json_{json} {}
  LibraryHeaps(const LibraryHeaps&) = delete;
  LibraryHeaps& operator=(const LibraryHeaps&) = delete;
  ~LibraryHeaps();

  /// From now on mbedTLS, libwebsockets and cJSON allocate here. One LibraryHeaps at a time.
  void install();

  const Region& tls() const { return tls_; }
  const Region& lws() const { return lws_; }
  const Arena& json() const { return json_; }

 private:
  static void* tls_calloc(std::size_t count, std::size_t size);
  static void tls_free(void* block);
  static void* lws_realloc(void* block, std::size_t bytes, const char* reason);
  static void* json_malloc(std::size_t bytes);
  static void json_free(void* block);

  Region tls_;
  Region lws_;
  Arena json_;
};

}  // namespace signalbox::memory
