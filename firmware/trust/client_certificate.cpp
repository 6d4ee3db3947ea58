#include "trust/client_certificate.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "base/check.hpp"
#include "mbedtls/oid.h"
#include "mbedtls/sha256.h"
#include "mbedtls/x509_crl.h"
#include "trust/base64url.hpp"
#include "trust/certificate.hpp"
#include "trust/es256.hpp"
#include "trust/owned.hpp"

namespace signalbox::trust {
namespace {

using Hash = Owned<mbedtls_sha256_context, mbedtls_sha256_init, mbedtls_sha256_free>;
using Revocations = Owned<mbedtls_x509_crl, mbedtls_x509_crl_init, mbedtls_x509_crl_free>;

constexpr std::array kRoles{Role::viewer, Role::operating, Role::admin};

std::string_view text_of(const mbedtls_x509_buf& buffer) {
  return {reinterpret_cast<const char*>(buffer.p), buffer.len};
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= decltype(Principal::name)::capacity &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view{"-_.@+"}.find(c) != std::string_view::npos;
         });
}

const unsigned char* as_pem(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool is_issuer(const mbedtls_x509_crt& authority, const mbedtls_x509_crl& list) {
  return text_of(authority.subject_raw) == text_of(list.issuer_raw);
}

}  // namespace

std::optional<Principal> principal_of(std::span<const unsigned char> der) {
  Certificate certificate;
  if (mbedtls_x509_crt_parse_der(certificate.get(), der.data(), der.size()) != 0) return std::nullopt;
  std::string_view name;
  std::optional<Role> role;
  for (const mbedtls_x509_name* part = &certificate->subject; part != nullptr; part = part->next) {
    const std::string_view value = text_of(part->val);
    if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &part->oid) == 0) {
      if (!name.empty()) return std::nullopt;
      name = value;
    }
    if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_ORG_UNIT, &part->oid) != 0) continue;
    const auto found =
        std::find_if(kRoles.begin(), kRoles.end(), [value](Role each) { return wire_name(each) == value; });
    if (found == kRoles.end()) continue;  // a real unit
    if (role) return std::nullopt;
    role = *found;
  }
  if (!role || !is_name(name)) return std::nullopt;
  const mbedtls_x509_buf& issuer = certificate->issuer_raw;
  const mbedtls_x509_buf& serial = certificate->serial;
  return Principal{.name = name,
                   .scope = Scope{*role},
                   .expires_s = unix_seconds(certificate->valid_to),
                   .certificate = certificate_id({issuer.p, issuer.len}, {serial.p, serial.len})};
}

FixedText<43> certificate_id(std::span<const unsigned char> issuer, std::span<const unsigned char> serial) {
  Hash hash;
  Sha256 digest{};
  // Without hardware for it there is nothing to fail.
  SIGNALBOX_CHECK(mbedtls_sha256_starts(hash.get(), 0) == 0);
  SIGNALBOX_CHECK(mbedtls_sha256_update(hash.get(), issuer.data(), issuer.size()) == 0);
  SIGNALBOX_CHECK(mbedtls_sha256_update(hash.get(), serial.data(), serial.size()) == 0);
  SIGNALBOX_CHECK(mbedtls_sha256_finish(hash.get(), digest.data()) == 0);
  std::array<char, base64url_characters(sizeof digest)> text{};
  return write_base64url(digest, text);
}

Result<void> check_authorities(std::string_view authorities) {
  Certificate known;
  if (mbedtls_x509_crt_parse(known.get(), as_pem(authorities), authorities.size() + 1) == 0) return {};
  return Error{Reason::malformed,
               "no certificates, or one that cannot be used; expected some in PEM, with keys of "
               "ECDSA (P-256, P-384) or RSA"};
}

Result<std::int64_t> check_revocations(std::string_view lists, std::string_view authorities, WallTime now) {
  Revocations revoked;
  Certificate known;
  if (mbedtls_x509_crl_parse(revoked.get(), as_pem(lists), lists.size() + 1) != 0)
    return Error{Reason::malformed, "no list of revoked certificates in PEM"};
  if (mbedtls_x509_crt_parse(known.get(), as_pem(authorities), authorities.size() + 1) != 0)
    return Error{Reason::malformed, "the authority is no certificate in PEM"};
  std::int64_t ends_s = std::numeric_limits<std::int64_t>::max();
  for (const mbedtls_x509_crl* list = revoked.get(); list != nullptr; list = list->next) {
    const mbedtls_x509_crt* authority = known.get();
    while (authority != nullptr && !is_issuer(*authority, *list)) authority = authority->next;
    if (authority == nullptr)
      return Error{Reason::mismatch, "the list is of another authority than --client-ca names"};
    ends_s = std::min(ends_s, unix_seconds(list->next_update));
  }
  if (ends_s < believable_s(now))
    return Error{Reason::expired, "the list has expired and would lock everybody out; bring a fresh one"};
  return ends_s;
}

}  // namespace signalbox::trust
