// mbedTLS's functions that look into its record buffers, as the linker puts ours in their place.
#include <mbedtls/ssl.h>

#include "link/record_buffers.hpp"

namespace signalbox::link {

// NOLINTBEGIN(bugprone-reserved-identifier): the linker's names
extern "C" {
void __real_mbedtls_ssl_free(mbedtls_ssl_context* tls);

int __wrap_mbedtls_ssl_read(mbedtls_ssl_context* tls, unsigned char* into, std::size_t size);
int __wrap_mbedtls_ssl_write(mbedtls_ssl_context* tls, const unsigned char* bytes, std::size_t size);
int __wrap_mbedtls_ssl_close_notify(mbedtls_ssl_context* tls);
void __wrap_mbedtls_ssl_free(mbedtls_ssl_context* tls);

int __wrap_mbedtls_ssl_read(mbedtls_ssl_context* tls, unsigned char* into, std::size_t size) {
  return RecordBuffers::read(*tls, into, size);
}

int __wrap_mbedtls_ssl_write(mbedtls_ssl_context* tls, const unsigned char* bytes, std::size_t size) {
  return RecordBuffers::write(*tls, bytes, size);
}

int __wrap_mbedtls_ssl_close_notify(mbedtls_ssl_context* tls) { return RecordBuffers::close_notify(*tls); }

void __wrap_mbedtls_ssl_free(mbedtls_ssl_context* tls) {
  if (tls != nullptr) RecordBuffers::forget(*tls);
  __real_mbedtls_ssl_free(tls);
}
}
// NOLINTEND(bugprone-reserved-identifier)

}  // namespace signalbox::link
