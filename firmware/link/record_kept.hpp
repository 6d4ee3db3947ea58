#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mbedtls/platform.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/ssl.h>

#include "link/record_buffers.hpp"

namespace signalbox::link {

// Members of mbedTLS's structures have a prefix `private_` here (MBEDTLS_PRIVATE).

/// What a connection keeps between two calls, in a block that ends with its keys. mbedTLS's pointers go on
/// pointing into the pair, whose content is here; its `in_buf` and `out_buf` are null meanwhile.
struct RecordBuffers::Kept {
  std::array<unsigned char, kCounterBytes> counter;
  std::array<unsigned char, kHeadBytes> head;
  Fault fault;
  bool sends_4k;           ///< its peer did not ask for shorter records
  std::uint16_t in_size;   ///< behind the counter: in `head` where it fits, else in `in`
  std::uint16_t out_room;  ///< of `out`
  CutRecords::Block* in;
  unsigned char* out;  ///< the last `out_left` bytes of a record
  Kept* next_refused;
  mbedtls_ssl_context* tls;
  std::uint16_t key_bytes;

  /// Behind it in its block.
  SharedCiphers::Keys keys() { return {reinterpret_cast<unsigned char*>(this + 1), key_bytes}; }
  std::size_t bytes() const { return sizeof(Kept) + key_bytes; }
  /// As a fatal error leaves it, or a refusal: nothing that came waits to be read.
  void drop_input() const {
    tls->private_in_left = tls->private_in_msglen = tls->private_in_hslen = 0;
    tls->private_badmac_seen_or_in_hsfraglen = 0;
    tls->private_in_offt = nullptr;
    tls->private_keep_current_message = 0;
  }
};

inline void wipe_and_free(unsigned char* bytes, std::size_t size) {
  mbedtls_platform_zeroize(bytes, size);
  mbedtls_free(bytes);
}

}  // namespace signalbox::link
