#pragma once

struct mbedtls_ssl_context;

namespace signalbox::link {

/// Frees what only the handshake needed: 4 KB that mbedTLS 3.6 keeps on a TLS 1.3 server for as long as the
/// connection lasts, and the session, unless something later asks for it: a certificate that the client
/// showed, or the shorter records it wants. What a resumption needs is in the ticket, which was sent. Call it
/// once the handshake is over, while `in_buf` and `out_buf` are null: else mbedTLS would fit the buffers to
/// what was agreed on.
void free_handshake_leftovers(mbedtls_ssl_context& tls);

}  // namespace signalbox::link
