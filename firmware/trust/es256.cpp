#include "trust/es256.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "mbedtls/ecdsa.h"
#include "mbedtls/ecp.h"
#include "mbedtls/platform_util.h"
#include "mbedtls/sha256.h"
#include "trust/base64url.hpp"
#include "trust/owned.hpp"

namespace signalbox::trust {
namespace {

using Group = Owned<mbedtls_ecp_group, mbedtls_ecp_group_init, mbedtls_ecp_group_free>;
using Point = Owned<mbedtls_ecp_point, mbedtls_ecp_point_init, mbedtls_ecp_point_free>;
using Number = Owned<mbedtls_mpi, mbedtls_mpi_init, mbedtls_mpi_free>;

Error overloaded() { return {Reason::overloaded, "no memory for a signature now", {}, 1000}; }

bool is_for_want_of_memory(int error) {
  return error == MBEDTLS_ERR_MPI_ALLOC_FAILED || error == MBEDTLS_ERR_ECP_ALLOC_FAILED;
}

void load(Group& group) {
  const int failed = mbedtls_ecp_group_load(group.get(), MBEDTLS_ECP_DP_SECP256R1);
  SIGNALBOX_CHECK(failed == 0);  // its numbers are constants of the library
}

int read_point(Group& group, Point& point, const PublicKey& key) {
  load(group);
  int error = mbedtls_ecp_point_read_binary(group.get(), point.get(), key.data(), key.size());
  if (error == 0) error = mbedtls_ecp_check_pubkey(group.get(), point.get());
  return error;
}

/// The public key of a secret that lies in `secret`.
int derive(Group& group, Number& secret, Random& random, PublicKey& into) {
  Point point;
  std::size_t size = 0;
  int error = mbedtls_ecp_check_privkey(group.get(), secret.get());
  if (error == 0)
    error =
        mbedtls_ecp_mul(group.get(), point.get(), secret.get(), &group->G, Random::next, random.generator());
  if (error == 0)
    error = mbedtls_ecp_point_write_binary(group.get(), point.get(), MBEDTLS_ECP_PF_UNCOMPRESSED, &size,
                                           into.data(), into.size());
  return error;
}

}  // namespace

Sha256 sha256(std::string_view text) {
  Sha256 digest{};
  const int failed =
      mbedtls_sha256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), 0);
  SIGNALBOX_CHECK(failed == 0);  // without hardware for it there is nothing to fail
  return digest;
}

SigningKey::~SigningKey() { mbedtls_platform_zeroize(secret_.data(), secret_.size()); }

void SigningKey::replace(const SigningKey& other) {
  secret_ = other.secret_;
  public_ = other.public_;
}

Result<void> SigningKey::make(Random& random) {
  Group group;
  Number secret;
  load(group);
  int error = mbedtls_ecp_gen_privkey(group.get(), secret.get(), Random::next, random.generator());
  if (error == 0) error = derive(group, secret, random, public_);
  if (error == 0) error = mbedtls_mpi_write_binary(secret.get(), secret_.data(), secret_.size());
  if (error == 0) return {};
  if (is_for_want_of_memory(error)) return overloaded();
  return Error{Reason::failed, "no good randomness for a key"};
}

Result<void> SigningKey::take(std::span<const unsigned char> bytes, Random& random) {
  Group group;
  Number secret;
  load(group);
  int error = bytes.size() == kBytes ? mbedtls_mpi_read_binary(secret.get(), bytes.data(), bytes.size())
                                     : MBEDTLS_ERR_ECP_INVALID_KEY;
  if (error == 0) error = derive(group, secret, random, public_);
  if (error == 0) std::copy(bytes.begin(), bytes.end(), secret_.begin());
  if (error == 0) return {};
  if (is_for_want_of_memory(error)) return overloaded();
  return Error{Reason::malformed, "no private key of P-256"};
}

Result<Signature> SigningKey::sign(std::string_view text, Random& random) const {
  const Sha256 digest = sha256(text);
  Group group;
  Number secret;
  Number r;
  Number s;
  Signature signature{};
  load(group);
  int error = mbedtls_mpi_read_binary(secret.get(), secret_.data(), secret_.size());
  if (error == 0)
    error = mbedtls_ecdsa_sign_det_ext(group.get(), r.get(), s.get(), secret.get(), digest.data(),
                                       digest.size(), MBEDTLS_MD_SHA256, Random::next, random.generator());
  if (error == 0) error = mbedtls_mpi_write_binary(r.get(), signature.data(), kHalf);
  if (error == 0) error = mbedtls_mpi_write_binary(s.get(), signature.data() + kHalf, kHalf);
  if (error != 0) return overloaded();
  return signature;
}

bool is_public_key(const PublicKey& key) {
  Group group;
  Point point;
  return read_point(group, point, key) == 0;
}

KeyId id_of(const PublicKey& key) {
  std::array<char, base64url_characters(kHalf)> x{};
  std::array<char, base64url_characters(kHalf)> y{};
  write_base64url(std::span{key}.subspan(1, kHalf), x);
  write_base64url(std::span{key}.subspan(1 + kHalf, kHalf), y);
  // RFC 7638 section 3.2: the members a key must have, by their names' order.
  const auto text =
      format_text<159>(R"({"crv":"P-256","kty":"EC","x":"%.43s","y":"%.43s"})", x.data(), y.data());
  std::array<char, KeyId::capacity> id{};
  return write_base64url(sha256(text), id);
}

Result<bool> is_signed(const PublicKey& key, std::string_view text, const Signature& signature) {
  const Sha256 digest = sha256(text);
  Group group;
  Point point;
  Number r;
  Number s;
  int error = read_point(group, point, key);
  if (error == 0) error = mbedtls_mpi_read_binary(r.get(), signature.data(), kHalf);
  if (error == 0) error = mbedtls_mpi_read_binary(s.get(), signature.data() + kHalf, kHalf);
  if (error == 0)
    error = mbedtls_ecdsa_verify(group.get(), digest.data(), digest.size(), point.get(), r.get(), s.get());
  if (is_for_want_of_memory(error)) return overloaded();
  return error == 0;
}

}  // namespace signalbox::trust
