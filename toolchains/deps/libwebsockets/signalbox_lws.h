// What our patches add to libwebsockets 4.3.5 on mbedTLS. Installed beside its own headers.
#ifndef SIGNALBOX_LWS_H
#define SIGNALBOX_LWS_H

#include <mbedtls/ssl.h>

#ifdef __cplusplus
extern "C" {
#endif

// Set it before the first connection. Called once for each connection, before anything is read or written, with
// its configuration: lws has set defaults, versions, random source and nothing else. The hook sets what lws does
// not know: cipher suites, groups, session tickets, revocation lists
// (mbedtls_ssl_conf_ca_chain(config, NULL, crl): the client CA that lws sets afterwards keeps the list).
// Certificates, client CA, the need for a client certificate and ALPN stay lws's: they are set after the hook.
// What the hook points at must outlive the connections.
extern void (*signalbox_tls_config_hook)(mbedtls_ssl_config *config, int is_server);

// The TLS context of a connection, which lives as long as it does; NULL: it has none.
struct lws;
mbedtls_ssl_context *signalbox_tls_of(struct lws *wsi);

#ifdef __cplusplus
}
#endif
#endif
