// The record of ticket keys, and tickets that clients show. Bit 0 of the first byte: the ticket is sealed as
// ours are, and what is in it is a session of ours changed by the rest of the input, as of a version before
// this one. The record stands behind its length; the rest is the ticket.
#include <algorithm>
#include <array>
#include <cstdint>
#include <mbedtls/gcm.h>
#include <mbedtls/ssl.h>
#include <string>
#include <vector>

#include "base/check.hpp"
#include "fuzz/crypto.hpp"
#include "fuzz/input.hpp"
#include "link/ticket_seal.hpp"
#include "sim/hal/entropy.hpp"
#include "sim/hal/store.hpp"

namespace {

using namespace signalbox;
using Bytes = std::vector<unsigned char>;

constexpr WallTime kNow{1'763'683'200'000};
constexpr std::size_t kHeadBytes = 4 + 12;
constexpr std::size_t kTagBytes = 16;

struct Session {
  Session() { mbedtls_ssl_session_init(&its); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() { mbedtls_ssl_session_free(&its); }
  mbedtls_ssl_session its;
};

/// Whatever the record holds, there are keys, and the next start finds the same.
void open(trust::TicketKeys& keys, std::string_view record) {
  sim::Faults faults;
  sim::Store store{faults};
  sim::Entropy entropy{1};
  SIGNALBOX_CHECK(store.write("tickets", record).has_value());
  SIGNALBOX_CHECK(keys.open(store, entropy, kNow, Instant{}).has_value());
  trust::TicketKeys again;
  SIGNALBOX_CHECK(again.open(store, entropy, kNow, Instant{}).has_value());
  for (std::size_t i = 0; i < 2; ++i)
    SIGNALBOX_CHECK(again.keys()[i].name == keys.keys()[i].name &&
                    again.keys()[i].secret == keys.keys()[i].secret);
}

/// A session of ours as it is saved, each byte changed by one of `changes`.
Bytes state_of(std::string_view changes) {
  Session session;
  session.its.MBEDTLS_PRIVATE(tls_version) = MBEDTLS_SSL_VERSION_TLS1_2;
  session.its.MBEDTLS_PRIVATE(endpoint) = MBEDTLS_SSL_IS_SERVER;
  session.its.MBEDTLS_PRIVATE(ciphersuite) = MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
  Bytes state(1024);
  std::size_t size = 0;
  SIGNALBOX_CHECK(mbedtls_ssl_session_save(&session.its, state.data(), state.size(), &size) == 0);
  state.resize(std::max(size, std::min<std::size_t>(changes.size(), 1024)));
  for (std::size_t i = 0; i < std::min(state.size(), changes.size()); ++i)
    state[i] ^= static_cast<unsigned char>(changes[i]);
  return state;
}

Bytes sealed(const trust::TicketKey& key, const Bytes& state) {
  Bytes ticket(kHeadBytes + state.size() + kTagBytes);
  std::copy(key.name.begin(), key.name.end(), ticket.begin());
  mbedtls_gcm_context gcm;
  mbedtls_gcm_init(&gcm);
  unsigned char* inside = ticket.data() + kHeadBytes;
  SIGNALBOX_CHECK(mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key.secret.data(), 256) == 0 &&
                  mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, state.size(), ticket.data() + 4, 12,
                                            ticket.data(), kHeadBytes, state.data(), inside, kTagBytes,
                                            inside + state.size()) == 0);
  mbedtls_gcm_free(&gcm);
  return ticket;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  fuzz::prepare_crypto();
  fuzz::Input input{bytes, size};
  const bool is_ours = (input.byte() & 1U) != 0;
  trust::TicketKeys keys;
  open(keys, input.text(input.word()));
  const std::string_view rest = input.rest();

  link::TicketSeal seal{keys.keys()};
  Bytes ticket = is_ours ? sealed(keys.keys()[0], state_of(rest)) : Bytes{rest.begin(), rest.end()};
  Session shown;
  const bool taken = link::TicketSeal::parse(&seal, &shown.its, ticket.data(), ticket.size()) == 0;
  const bool unchanged = std::all_of(rest.begin(), rest.end(), [](char c) { return c == 0; });
  SIGNALBOX_CHECK(!taken || is_ours);
  SIGNALBOX_CHECK(taken || !is_ours || !unchanged || rest.size() > 100);
  return 0;
}
