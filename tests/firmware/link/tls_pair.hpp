#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <mbedtls/ecp.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>
#include <psa/crypto.h>
#include <span>
#include <string>
#include <string_view>

#include "base/check.hpp"

namespace signalbox::link {

/// A server's and a client's end of a TLS connection, both mbedTLS's, with the wire in between in the test's
/// hands: what the client sends is kept until it is delivered, and the server can send as much as there is
/// room for.
class TlsPair {
 public:
  /// As mbedTLS is built here, it writes no longer ones, and reads those of 16 KB
  /// (tests/e2e/idle_memory_test.py).
  static constexpr std::size_t kRecordBytesMax = MBEDTLS_SSL_OUT_CONTENT_LEN - 1;

  /// Shakes hands. `suites`: what the client offers, a list that ends in 0; all, where none is given.
  /// `fragment`: how long its records may be (RFC 6066 section 4).
  explicit TlsPair(mbedtls_ssl_protocol_version version, const int* suites = nullptr,
                   unsigned char fragment = MBEDTLS_SSL_MAX_FRAG_LEN_NONE)
      : server_{true, version, nullptr}, client_{false, version, suites, fragment} {
    for (int i = 0; i < 40 && !(server_.is_open() && client_.is_open()); ++i) {
      client_.step();
      deliver();
      server_.step();
      client_.in += server_.out;
      server_.out.clear();
    }
    SIGNALBOX_CHECK(server_.is_open() && client_.is_open());
  }

  mbedtls_ssl_context& server() { return server_.tls; }
  const void* server_bio() const { return &server_; }

  /// Bytes of records that the client sent and the server has not got.
  std::string& under_way() { return client_.out; }
  void deliver(std::size_t bytes = std::string::npos) {
    bytes = std::min(bytes, client_.out.size());
    server_.in.append(client_.out, 0, bytes);
    client_.out.erase(0, bytes);
  }
  /// How much more the server may send.
  std::size_t& server_room() { return server_.room; }

  /// Of the client: all of it, in records of at most that.
  void client_says(std::string_view text) {
    while (!text.empty()) {
      const int sent = mbedtls_ssl_write(&client_.tls, bytes_of(text), text.size());
      SIGNALBOX_CHECK(sent > 0);
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  /// What the client gets: everything there is, or why it gets nothing more.
  std::string client_hears(int* result = nullptr) {
    client_.in += server_.out;
    server_.out.clear();
    return client_.read_all(4096, result);
  }
  int server_says(std::string_view text) {
    return mbedtls_ssl_write(&server_.tls, bytes_of(text), text.size());
  }
  /// A record that was made elsewhere.
  void server_sends(std::span<const unsigned char> record) {
    server_.out.append(reinterpret_cast<const char*>(record.data()), record.size());
  }
  /// Everything that came to the server, read in such pieces.
  std::string server_hears(std::size_t piece = 1024, int* result = nullptr) {
    return server_.read_all(piece, result);
  }

 private:
  struct End {
    End(bool is_server, mbedtls_ssl_protocol_version version, const int* suites,
        unsigned char fragment = MBEDTLS_SSL_MAX_FRAG_LEN_NONE) {
      mbedtls_ssl_init(&tls);
      mbedtls_ssl_config_init(&config);
      const int endpoint = is_server ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT;
      expect(mbedtls_ssl_config_defaults(&config, endpoint, MBEDTLS_SSL_TRANSPORT_STREAM,
                                         MBEDTLS_SSL_PRESET_DEFAULT));
      mbedtls_ssl_conf_rng(&config, random, nullptr);
      mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_NONE);
      mbedtls_ssl_conf_min_tls_version(&config, version);
      mbedtls_ssl_conf_max_tls_version(&config, version);
      if (suites != nullptr) mbedtls_ssl_conf_ciphersuites(&config, suites);
      expect(mbedtls_ssl_conf_max_frag_len(&config, fragment));
      Identity& own = identity();
      if (is_server) expect(mbedtls_ssl_conf_own_cert(&config, &own.certificate, &own.key));
      expect(mbedtls_ssl_setup(&tls, &config));
      if (!is_server) expect(mbedtls_ssl_set_hostname(&tls, nullptr));
      mbedtls_ssl_set_bio(&tls, this, send, receive, nullptr);
    }
    End(const End&) = delete;
    End& operator=(const End&) = delete;
    ~End() {
      mbedtls_ssl_free(&tls);
      mbedtls_ssl_config_free(&config);
    }
    bool is_open() { return mbedtls_ssl_is_handshake_over(&tls) == 1; }
    void step() {
      const int result = mbedtls_ssl_handshake(&tls);
      SIGNALBOX_CHECK(result == 0 || result == MBEDTLS_ERR_SSL_WANT_READ ||
                      result == MBEDTLS_ERR_SSL_WANT_WRITE);
    }
    std::string read_all(std::size_t piece, int* result) {
      std::string all;
      std::string into(piece, '\0');
      for (;;) {
        const int got = mbedtls_ssl_read(&tls, reinterpret_cast<unsigned char*>(into.data()), piece);
        if (got == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET) continue;
        if (result != nullptr) *result = got;
        if (got <= 0) return all;
        all.append(into, 0, static_cast<std::size_t>(got));
      }
    }

    mbedtls_ssl_context tls;
    mbedtls_ssl_config config;
    std::string in;   ///< arrived
    std::string out;  ///< sent
    std::size_t room = std::string::npos;
  };

  struct Identity {
    Identity() {
      expect(psa_crypto_init());
      mbedtls_pk_init(&key);
      mbedtls_x509_crt_init(&certificate);
      expect(mbedtls_pk_setup(&key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)));
      expect(mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(key), random, nullptr));
      mbedtls_x509write_cert writer;
      mbedtls_x509write_crt_init(&writer);
      mbedtls_x509write_crt_set_version(&writer, MBEDTLS_X509_CRT_VERSION_3);
      mbedtls_x509write_crt_set_md_alg(&writer, MBEDTLS_MD_SHA256);
      mbedtls_x509write_crt_set_subject_key(&writer, &key);
      mbedtls_x509write_crt_set_issuer_key(&writer, &key);
      unsigned char serial[] = {1};
      expect(mbedtls_x509write_crt_set_serial_raw(&writer, serial, sizeof serial));
      expect(mbedtls_x509write_crt_set_validity(&writer, "20250101000000", "20450101000000"));
      expect(mbedtls_x509write_crt_set_subject_name(&writer, "CN=pair"));
      expect(mbedtls_x509write_crt_set_issuer_name(&writer, "CN=pair"));
      std::array<unsigned char, 1024> der;
      const int size = mbedtls_x509write_crt_der(&writer, der.data(), der.size(), random, nullptr);
      SIGNALBOX_CHECK(size > 0);
      expect(mbedtls_x509_crt_parse_der(&certificate, der.data() + der.size() - size,
                                        static_cast<std::size_t>(size)));
      mbedtls_x509write_crt_free(&writer);
    }
    Identity(const Identity&) = delete;
    Identity& operator=(const Identity&) = delete;
    ~Identity() {
      mbedtls_x509_crt_free(&certificate);
      mbedtls_pk_free(&key);
    }
    mbedtls_pk_context key;
    mbedtls_x509_crt certificate;
  };

  /// Made once for all pairs of the process, and given back with its end.
  static Identity& identity() {
    static Identity one;
    return one;
  }
  static void expect(int result) { SIGNALBOX_CHECK(result == 0); }
  static const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  }
  static int random(void* /*state*/, unsigned char* into, std::size_t size) {
    return psa_generate_random(into, size) == PSA_SUCCESS ? 0 : MBEDTLS_ERR_SSL_HW_ACCEL_FAILED;
  }
  static int receive(void* end, unsigned char* into, std::size_t size) {
    End& its = *static_cast<End*>(end);
    if (its.in.empty()) return MBEDTLS_ERR_SSL_WANT_READ;
    const std::size_t got = its.in.copy(reinterpret_cast<char*>(into), size);
    its.in.erase(0, got);
    return static_cast<int>(got);
  }
  static int send(void* end, const unsigned char* bytes, std::size_t size) {
    End& its = *static_cast<End*>(end);
    const std::size_t taken = std::min(size, its.room);
    if (taken == 0) return MBEDTLS_ERR_SSL_WANT_WRITE;
    if (its.room != std::string::npos) its.room -= taken;
    its.out.append(reinterpret_cast<const char*>(bytes), taken);
    return static_cast<int>(taken);
  }

  End server_;
  End client_;
};

}  // namespace signalbox::link
