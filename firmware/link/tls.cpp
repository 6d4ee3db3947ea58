#include "link/tls.hpp"

#include <cstring>
#include <libwebsockets.h>
#include <mbedtls/pem.h>
#include <mbedtls/pk.h>
#include <mbedtls/platform.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/x509_crl.h>
#include <mbedtls/x509_crt.h>
#include <psa/crypto.h>
#include <signalbox_lws.h>

#include "base/fixed_text.hpp"
#include "trust/client_certificate.hpp"

namespace signalbox::link {
namespace {

constexpr int kAesFirst[] = {MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
                             MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
                             MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
                             MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                             MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                             MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
                             MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
                             MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
                             MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
                             0};
// Without AES instructions GCM takes two to three times as long.
constexpr int kChaChaFirst[] = {MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
                                MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
                                MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
                                MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
                                MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
                                MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                                MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                                MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
                                MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
                                0};
// No larger one: strangers choose among these, and with secp384r1 they would buy four times the work.
constexpr std::uint16_t kGroups[] = {MBEDTLS_SSL_IANA_TLS_GROUP_X25519, MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
                                     MBEDTLS_SSL_IANA_TLS_GROUP_NONE};

Tls::Policy current_policy;
mbedtls_x509_crl revoked;  // connections point at it; what it holds is exchanged in place

int random_bytes(void* /*state*/, unsigned char* into, std::size_t size) {
  return psa_generate_random(into, size) == PSA_SUCCESS ? 0 : MBEDTLS_ERR_SSL_HW_ACCEL_FAILED;
}

void configure(mbedtls_ssl_config* config, int is_server) {
  if (is_server == 0) return;
  mbedtls_ssl_conf_min_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
  mbedtls_ssl_conf_max_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_3);
  mbedtls_ssl_conf_ciphersuites(config, current_policy.aes_first ? kAesFirst : kChaChaFirst);
  mbedtls_ssl_conf_groups(config, kGroups);
  if (current_policy.tickets != nullptr)
    mbedtls_ssl_conf_session_tickets_cb(config, TicketSeal::write, TicketSeal::parse, current_policy.tickets);
  mbedtls_ssl_conf_ca_chain(config, nullptr, &revoked);  // libwebsockets adds the authority
}

/// A copy with the zero at its end that the PEM reader wants, wiped when it goes.
class Text {
 public:
  explicit Text(std::string_view text) : size_{text.size() + 1} {
    bytes_ = static_cast<unsigned char*>(mbedtls_calloc(1, size_));
    if (bytes_ != nullptr) std::memcpy(bytes_, text.data(), text.size());
  }
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;
  ~Text() {
    if (bytes_ != nullptr) mbedtls_platform_zeroize(bytes_, size_);
    mbedtls_free(bytes_);
  }
  explicit operator bool() const { return bytes_ != nullptr; }
  const unsigned char* data() const { return bytes_; }
  std::size_t size() const { return size_; }

 private:
  unsigned char* bytes_ = nullptr;
  std::size_t size_;
};

struct Chain {
  Chain() { mbedtls_x509_crt_init(&list); }
  ~Chain() { mbedtls_x509_crt_free(&list); }
  mbedtls_x509_crt list;
};

struct Key {
  Key() { mbedtls_pk_init(&pk); }
  ~Key() { mbedtls_pk_free(&pk); }
  mbedtls_pk_context pk;
};

/// A code of mbedTLS is a module's own (bits 7 and up) plus that of the one below it which caused it.
bool is_out_of_memory(int code) {
  const int own = -(-code & 0xFF80);
  const int cause = -(-code & 0x7F);
  return own == MBEDTLS_ERR_X509_ALLOC_FAILED || own == MBEDTLS_ERR_PEM_ALLOC_FAILED ||
         own == MBEDTLS_ERR_PK_ALLOC_FAILED || own == MBEDTLS_ERR_ECP_ALLOC_FAILED ||
         cause == MBEDTLS_ERR_MPI_ALLOC_FAILED || cause == MBEDTLS_ERR_ASN1_ALLOC_FAILED;
}

Error fault(const char* what, int code) {
  if (is_out_of_memory(code))
    return {.reason = Reason::overloaded,
            .detail = format_text<95>("no room in the TLS region (mbedTLS -0x%04x)",
                                      static_cast<unsigned int>(-code))};
  return {.reason = Reason::malformed,
          .detail = format_text<95>("%s (mbedTLS -0x%04x)", what, static_cast<unsigned int>(-code))};
}

Result<void> read(Chain& chain, std::string_view pem, const char* what) {
  const Text text{pem};
  if (!text)
    return Error{.reason = Reason::overloaded, .detail = "no room in the TLS region for a certificate"};
  const int result = mbedtls_x509_crt_parse(&chain.list, text.data(), text.size());
  if (result > 0)
    return Error{.reason = Reason::malformed,
                 .detail = format_text<95>("%s: %d of its certificates cannot be read", what, result)};
  if (result < 0) return fault(what, result);
  return {};
}

}  // namespace

Result<void> Tls::start(const Policy& asked) {
  if (const psa_status_t status = psa_crypto_init(); status != PSA_SUCCESS)
    return fault("the TLS library does not start: no entropy, or no room in its region", status);
  current_policy = asked;
  signalbox_tls_config_hook = configure;
  return {};
}

void Tls::stop() {
  signalbox_tls_config_hook = nullptr;
  mbedtls_x509_crl_free(&revoked);
  current_policy = {};
}

Result<void> Tls::use_revocations(std::string_view lists) {
  mbedtls_x509_crl fresh;
  mbedtls_x509_crl_init(&fresh);
  if (!lists.empty()) {
    const Text text{lists};
    const int result =
        text ? mbedtls_x509_crl_parse(&fresh, text.data(), text.size()) : MBEDTLS_ERR_X509_ALLOC_FAILED;
    if (result != 0) {
      mbedtls_x509_crl_free(&fresh);
      return fault("the list of revoked certificates cannot be read", result);
    }
  }
  mbedtls_x509_crl_free(&revoked);
  revoked = fresh;
  return {};
}

void Tls::each_revoked(void (*visit)(void* to, std::string_view id), void* to) {
  for (const mbedtls_x509_crl* list = &revoked; list != nullptr; list = list->next) {
    const mbedtls_x509_buf& issuer = list->issuer_raw;
    for (const mbedtls_x509_crl_entry* entry = &list->entry; entry != nullptr && entry->raw.p != nullptr;
         entry = entry->next)
      visit(to, trust::certificate_id({issuer.p, issuer.len}, {entry->serial.p, entry->serial.len}));
  }
}

bool Tls::is_revoked(std::span<const unsigned char> certificate) {
  Chain chain;
  if (mbedtls_x509_crt_parse_der(&chain.list, certificate.data(), certificate.size()) != 0) return true;
  const mbedtls_x509_buf& issuer = chain.list.issuer_raw;
  for (const mbedtls_x509_crl* list = &revoked; list != nullptr; list = list->next) {
    const bool is_theirs =
        list->issuer_raw.len == issuer.len && std::memcmp(list->issuer_raw.p, issuer.p, issuer.len) == 0;
    if (is_theirs && mbedtls_x509_crt_is_revoked(&chain.list, list) != 0) return true;
  }
  return false;
}

Result<void> Tls::check(const Credentials& credentials) {
  Chain chain;
  if (Result<void> chain_read = read(chain, credentials.certificate, "the certificate is no PEM");
      !chain_read)
    return chain_read;
  std::size_t bytes = 0;
  for (const mbedtls_x509_crt* each = &chain.list; each != nullptr; each = each->next) bytes += each->raw.len;
  if (bytes > kChainBytesMax)
    return Error{.reason = Reason::too_big,
                 .detail = format_text<95>("the chain has %zu bytes of certificates, at most %zu fit", bytes,
                                           kChainBytesMax)};
  Key key;
  const Text key_text{credentials.key};
  if (!key_text)
    return Error{.reason = Reason::overloaded, .detail = "no room in the TLS region for the key"};
  int result =
      mbedtls_pk_parse_key(&key.pk, key_text.data(), key_text.size(), nullptr, 0, random_bytes, nullptr);
  if (result != 0) return fault("the private key is no PEM without a password", result);
  result = mbedtls_pk_check_pair(&chain.list.pk, &key.pk, random_bytes, nullptr);
  if (result != 0) return fault("the private key does not belong to the certificate", result);
  if (credentials.client_authority.empty()) return {};
  Chain ca;
  return read(ca, credentials.client_authority, "the client CA is no PEM");
}

}  // namespace signalbox::link
