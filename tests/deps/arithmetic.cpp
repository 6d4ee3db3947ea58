// What a handshake computes and our patches have otherwise: SHA-256, and signatures in P-256 and P-384.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mbedtls/sha256.h>
#include <psa/crypto.h>
#include <string>

#include "hex.hpp"

namespace {

bool all_good = true;

void expect(bool good, const char* what) {
  std::printf("%s: %s\n", good ? "ok" : "WRONG", what);
  all_good = all_good && good;
}

Bytes sha256(const Bytes& text) {
  Bytes sum(32);
  mbedtls_sha256(text.data(), text.size(), sum.data(), 0);
  return sum;
}

void hashes() {
  expect(
      sha256({'a', 'b', 'c'}) == bytes_of("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"),
      "the example of FIPS 180");
  // Python: b"".join(sha256(bytes(k % 251 for k in range(n))).digest() for n in range(400)), and that hashed.
  Bytes all;
  for (std::size_t size = 0; size < 400; ++size) {
    Bytes text(size);
    for (std::size_t k = 0; k < size; ++k) text[k] = static_cast<std::uint8_t>(k % 251);
    const Bytes sum = sha256(text);
    all.insert(all.end(), sum.begin(), sum.end());
  }
  expect(sha256(all) == bytes_of("6D87FE26FA07C1CC0E931604B72482D0ACE14CD64487E1837D9B4D79BAC5D966"),
         "every length up to 400");
}

psa_key_attributes_t signing(std::size_t bits) {
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
  psa_set_key_bits(&attributes, bits);
  psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH);
  psa_set_key_algorithm(&attributes, PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256));
  return attributes;
}

Bytes sign(psa_key_id_t key, const Bytes& hash) {
  Bytes signature(PSA_SIGNATURE_MAX_SIZE);
  std::size_t size = 0;
  psa_sign_hash(key, PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256), hash.data(), hash.size(), signature.data(),
                signature.size(), &size);
  signature.resize(size);
  return signature;
}

bool verifies(psa_key_id_t key, const Bytes& hash, const Bytes& signature) {
  return psa_verify_hash(key, PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256), hash.data(), hash.size(),
                         signature.data(), signature.size()) == PSA_SUCCESS;
}

// RFC 6979, appendix A.2.5: SHA-256 of "sample".
void known_signature() {
  const Bytes secret = bytes_of("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
  const Bytes right = bytes_of(
      "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
      "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8");
  const psa_key_attributes_t attributes = signing(256);
  psa_key_id_t key = 0;
  expect(psa_import_key(&attributes, secret.data(), secret.size(), &key) == PSA_SUCCESS, "the key is taken");
  expect(sign(key, sha256({'s', 'a', 'm', 'p', 'l', 'e'})) == right, "the signature of RFC 6979");
  psa_destroy_key(key);
}

void signatures(std::size_t bits, int count) {
  bool good = true;
  for (int i = 0; i < count; ++i) {
    const psa_key_attributes_t attributes = signing(bits);
    psa_key_id_t key = 0;
    good = good && psa_generate_key(&attributes, &key) == PSA_SUCCESS;
    Bytes hash = sha256({static_cast<std::uint8_t>(i)});
    const Bytes signature = sign(key, hash);
    good = good && signature.size() == bits / 4 && verifies(key, hash, signature);
    hash[7] ^= 1U;
    good = good && !verifies(key, hash, signature);
    psa_destroy_key(key);
  }
  expect(good, bits == 256 ? "signatures in P-256" : "signatures in P-384");
}

}  // namespace

int main() {
  expect(psa_crypto_init() == PSA_SUCCESS, "PSA starts");
  hashes();
  known_signature();
  signatures(256, 50);
  signatures(384, 10);
  return all_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
