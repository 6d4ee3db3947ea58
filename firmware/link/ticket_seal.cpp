#include "link/ticket_seal.hpp"

#include <algorithm>
#include <mbedtls/gcm.h>
#include <mbedtls/ssl.h>
#include <psa/crypto.h>

namespace signalbox::link {
namespace {

constexpr std::size_t kNameBytes = sizeof(trust::TicketKey::name);
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kHeadBytes = kNameBytes + kNonceBytes;
constexpr std::size_t kTagBytes = 16;

/// mbedTLS's cipher for one ticket, wiped with it.
class Cipher {
 public:
  explicit Cipher(const trust::TicketKey& key) : error_{begin(gcm_, key)} {}
  Cipher(const Cipher&) = delete;
  Cipher& operator=(const Cipher&) = delete;
  ~Cipher() { mbedtls_gcm_free(&gcm_); }

  /// In place; the head in front is authenticated, the tag comes behind.
  int seal(unsigned char* ticket, std::size_t size) {
    unsigned char* state = ticket + kHeadBytes;
    return error_ != 0
               ? error_
               : mbedtls_gcm_crypt_and_tag(&gcm_, MBEDTLS_GCM_ENCRYPT, size, ticket + kNameBytes, kNonceBytes,
                                           ticket, kHeadBytes, state, state, kTagBytes, state + size);
  }
  int open(unsigned char* ticket, std::size_t size) {
    unsigned char* state = ticket + kHeadBytes;
    return error_ != 0 ? error_
                       : mbedtls_gcm_auth_decrypt(&gcm_, size, ticket + kNameBytes, kNonceBytes, ticket,
                                                  kHeadBytes, state + size, kTagBytes, state, state);
  }

 private:
  static int begin(mbedtls_gcm_context& gcm, const trust::TicketKey& key) {
    mbedtls_gcm_init(&gcm);
    return mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key.secret.data(),
                              static_cast<unsigned>(8 * key.secret.size()));
  }

  mbedtls_gcm_context gcm_{};
  int error_;
};

}  // namespace

int TicketSeal::write(void* seal, const mbedtls_ssl_session* session, unsigned char* start,
                      const unsigned char* end, std::size_t* size, std::uint32_t* lifetime_s) {
  const trust::TicketKey& key = static_cast<const TicketSeal*>(seal)->keys_[0];
  const auto room = static_cast<std::size_t>(end - start);
  *size = 0;
  if (room < kHeadBytes + kTagBytes) return MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL;
  std::size_t state = 0;
  int error = mbedtls_ssl_session_save(session, start + kHeadBytes, room - kHeadBytes - kTagBytes, &state);
  if (error != 0) return error;
  std::copy(key.name.begin(), key.name.end(), start);
  if (psa_generate_random(start + kNameBytes, kNonceBytes) != PSA_SUCCESS)
    error = MBEDTLS_ERR_SSL_HW_ACCEL_FAILED;
  else
    error = Cipher{key}.seal(start, state);
  if (error != 0) {
    std::fill_n(start, room, static_cast<unsigned char>(0));  // nothing of it goes out unsealed
    return error;
  }
  *size = kHeadBytes + state + kTagBytes;
  *lifetime_s = kLifetimeS;
  return 0;
}

int TicketSeal::parse(void* seal, mbedtls_ssl_session* session, unsigned char* ticket, std::size_t size) {
  if (size < kHeadBytes + kTagBytes) return MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
  const Keys& keys = static_cast<const TicketSeal*>(seal)->keys_;
  const auto key = std::find_if(keys.begin(), keys.end(), [ticket](const trust::TicketKey& each) {
    return std::equal(each.name.begin(), each.name.end(), ticket);
  });
  if (key == keys.end()) return MBEDTLS_ERR_SSL_SESSION_TICKET_EXPIRED;
  const std::size_t state = size - kHeadBytes - kTagBytes;
  if (Cipher{*key}.open(ticket, state) != 0) return MBEDTLS_ERR_SSL_INVALID_MAC;
  return mbedtls_ssl_session_load(session, ticket + kHeadBytes, state);
}

}  // namespace signalbox::link
