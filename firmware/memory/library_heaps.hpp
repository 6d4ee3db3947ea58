#pragma once

#include <cstddef>
#include <span>

#include "base/pool_gauge.hpp"
#include "memory/region.hpp"

namespace signalbox::memory {

/// The memory of the two libraries. Each draws from its own region, so that one cannot starve another; none
/// calls the C library's heap. Make one, and call `install` before the first call into either.
class LibraryHeaps {
 public:
  /// The memory outlives the libraries' last call.
  LibraryHeaps(std::span<std::byte> tls, std::span<std::byte> lws) : tls_{tls}, lws_{lws} {}
  LibraryHeaps(const LibraryHeaps&) = delete;
  LibraryHeaps& operator=(const LibraryHeaps&) = delete;
  ~LibraryHeaps();

  /// From now on mbedTLS and libwebsockets allocate here. One LibraryHeaps at a time.
  void install();

  const Region& tls() const { return tls_; }
  const Region& lws() const { return lws_; }

 private:
  static void* tls_calloc(std::size_t count, std::size_t size);
  static void tls_free(void* block);
  static void* lws_realloc(void* block, std::size_t bytes, const char* reason);

  Region tls_;
  Region lws_;
};

}  // namespace signalbox::memory
