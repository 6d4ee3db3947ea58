// The key agreement that most handshakes take: it is right, and it is Everest's, in the public key as in the
// secret.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mbedtls/platform.h>
#include <psa/crypto.h>
#include <string_view>

namespace {

using Key = std::array<std::uint8_t, 32>;

int blocks = 0;  // asked of the heap
bool all_good = true;

void* counted_calloc(std::size_t count, std::size_t size) {
  ++blocks;
  return std::calloc(count, size);
}

constexpr std::uint8_t digit(char c) { return static_cast<std::uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10); }

constexpr Key key(std::string_view hex) {
  Key bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
  return bytes;
}

// RFC 7748, section 6.1.
constexpr Key kBob = key("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
constexpr Key kBobsPublic = key("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
constexpr Key kAlicesPublic = key("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
constexpr Key kShared = key("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");

// The general arithmetic asks the heap for several hundred blocks; loading a key takes a few in either.
constexpr int kBlocksMax = 100;

void expect(bool good, const char* what) {
  std::printf("%s: %s\n", good ? "ok" : "WRONG", what);
  all_good = all_good && good;
}

}  // namespace

int main() {
  mbedtls_platform_set_calloc_free(counted_calloc, std::free);
  expect(psa_crypto_init() == PSA_SUCCESS, "PSA starts");
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_MONTGOMERY));
  psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_DERIVE);
  psa_set_key_algorithm(&attributes, PSA_ALG_ECDH);
  psa_key_id_t bob = 0;
  expect(psa_import_key(&attributes, kBob.data(), kBob.size(), &bob) == PSA_SUCCESS,
         "a private key is taken");

  Key out{};
  std::size_t size = 0;
  blocks = 0;
  expect(psa_export_public_key(bob, out.data(), out.size(), &size) == PSA_SUCCESS && out == kBobsPublic,
         "its public key");
  std::printf("%d blocks\n", blocks);
  expect(blocks < kBlocksMax, "in few blocks");
  blocks = 0;
  expect(psa_raw_key_agreement(PSA_ALG_ECDH, bob, kAlicesPublic.data(), kAlicesPublic.size(), out.data(),
                               out.size(), &size) == PSA_SUCCESS &&
             out == kShared,
         "the secret it shares");
  std::printf("%d blocks\n", blocks);
  expect(blocks < kBlocksMax, "in few blocks");

  // A peer's point of small order would make the secret one that everybody knows (RFC 8446, section 7.4.2).
  for (const std::uint8_t point : {std::uint8_t{0}, std::uint8_t{1}}) {
    const Key small{point};
    expect(psa_raw_key_agreement(PSA_ALG_ECDH, bob, small.data(), small.size(), out.data(), out.size(),
                                 &size) != PSA_SUCCESS,
           "a point of small order is refused");
  }
  expect(psa_export_public_key(bob, out.data(), out.size() - 1, &size) == PSA_ERROR_BUFFER_TOO_SMALL,
         "no room for the public key is an error");
  return all_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
