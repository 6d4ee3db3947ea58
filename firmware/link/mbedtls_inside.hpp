#pragma once

#include <cstddef>

struct mbedtls_ssl_context;
struct mbedtls_ssl_transform;

namespace signalbox::link {

// Of mbedTLS's own headers, which are not installed.
extern "C" {
void mbedtls_ssl_handshake_free(mbedtls_ssl_context* tls);
void mbedtls_ssl_transform_free(mbedtls_ssl_transform* transform);

// Of our patch 12, see there.
std::size_t mbedtls_ssl_save_keys(mbedtls_ssl_transform* transform, int outgoing, unsigned char* to);
void mbedtls_ssl_load_keys(mbedtls_ssl_transform* transform, int outgoing, const unsigned char* from);
int mbedtls_ssl_may_load_keys(const mbedtls_ssl_transform* into, const mbedtls_ssl_transform* of);

// Of our patch 14.
int mbedtls_ssl_seal(mbedtls_ssl_context* tls, unsigned char* record, std::size_t room, std::size_t size);
std::size_t mbedtls_ssl_seal_offset(const mbedtls_ssl_context* tls);
}

}  // namespace signalbox::link
