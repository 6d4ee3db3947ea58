#include "link/handshake_leftovers.hpp"

#include <mbedtls/platform.h>
#include <mbedtls/ssl.h>

#include "base/check.hpp"
#include "link/mbedtls_inside.hpp"

namespace signalbox::link {

void free_handshake_leftovers(mbedtls_ssl_context& tls) {
  SIGNALBOX_CHECK(tls.private_in_buf == nullptr && tls.private_out_buf == nullptr);
  if (tls.private_handshake != nullptr) {
    mbedtls_ssl_handshake_free(&tls);
    mbedtls_free(tls.private_handshake);
    tls.private_handshake = nullptr;
    // Prepared for TLS 1.2, and freed by mbedTLS only beside the handshake.
    if (tls.private_transform_negotiate != nullptr)
      mbedtls_ssl_transform_free(tls.private_transform_negotiate);
    mbedtls_free(tls.private_transform_negotiate);
    tls.private_transform_negotiate = nullptr;
  }
  mbedtls_ssl_session* session = tls.private_session;
  if (session == nullptr || session->private_peer_cert != nullptr ||
      session->private_mfl_code != MBEDTLS_SSL_MAX_FRAG_LEN_NONE)
    return;
  mbedtls_ssl_session_free(session);
  mbedtls_free(session);
  tls.private_session = tls.private_session_in = tls.private_session_out = nullptr;
}

}  // namespace signalbox::link
