#include "trust/certificate.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>

#include "base/fixed_text.hpp"
#include "mbedtls/asn1.h"
#include "mbedtls/ecp.h"
#include "mbedtls/oid.h"
#include "mbedtls/x509_crt.h"
#include "trust/subject_names.hpp"

namespace signalbox::trust {
namespace {

constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kLifeSeconds = 3652 * kDaySeconds;

Error failed(const char* what, int code) {
  return Error{Reason::failed,
               format_text<95>("%s: mbedTLS error -0x%04X", what, static_cast<unsigned>(-code))};
}

/// ASN.1 time without its `Z`, as mbedTLS takes it: `20261121020600`.
FixedText<14> asn1_time(std::int64_t unix_seconds) {
  const std::chrono::sys_seconds moment{std::chrono::seconds{unix_seconds}};
  const std::chrono::sys_days midnight = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date{midnight};
  const std::chrono::hh_mm_ss time{moment - midnight};
  return format_text<14>("%04d%02u%02u%02d%02d%02d", static_cast<int>(date.year()),
                         static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                         static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                         static_cast<int>(time.seconds().count()));
}

using Draft = Owned<mbedtls_x509write_cert, mbedtls_x509write_crt_init, mbedtls_x509write_crt_free>;

/// Who, for how long. A day in the past lets in clients whose clock is behind ours.
int describe(Draft& draft, std::string_view host, WallTime now, Random& random) {
  const auto name =
      format_text<67>("CN=%.*s", static_cast<int>(std::min<std::size_t>(host.size(), 64)), host.data());
  const std::int64_t start = std::max<std::int64_t>(now.unix_ms / 1000, SIGNALBOX_BUILD_DAY * kDaySeconds);
  const FixedText<14> begin = asn1_time(start - kDaySeconds);
  const FixedText<14> end = asn1_time(start + kLifeSeconds);

  std::array<unsigned char, 16> serial{};
  if (!random.fill(serial)) return MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED;
  serial[0] = (serial[0] & 0x3FU) | 0x40U;  // positive, and never fewer bytes

  mbedtls_x509write_crt_set_version(draft.get(), MBEDTLS_X509_CRT_VERSION_3);
  mbedtls_x509write_crt_set_md_alg(draft.get(), MBEDTLS_MD_SHA256);
  int error = mbedtls_x509write_crt_set_subject_name(draft.get(), name.c_str());
  if (error == 0) error = mbedtls_x509write_crt_set_issuer_name(draft.get(), name.c_str());
  if (error == 0) error = mbedtls_x509write_crt_set_serial_raw(draft.get(), serial.data(), serial.size());
  if (error == 0) error = mbedtls_x509write_crt_set_validity(draft.get(), begin.c_str(), end.c_str());
  return error;
}

/// What the certificate is good for: showing who a TLS server is, nothing else.
int restrict_use(Draft& draft) {
  std::array<unsigned char, sizeof(MBEDTLS_OID_SERVER_AUTH) - 1> server_auth{};
  std::memcpy(server_auth.data(), MBEDTLS_OID_SERVER_AUTH, server_auth.size());
  mbedtls_asn1_sequence usage{};
  usage.buf.tag = MBEDTLS_ASN1_OID;
  usage.buf.p = server_auth.data();
  usage.buf.len = server_auth.size();
  int error = mbedtls_x509write_crt_set_basic_constraints(draft.get(), 0, -1);
  if (error == 0) error = mbedtls_x509write_crt_set_key_usage(draft.get(), MBEDTLS_X509_KU_DIGITAL_SIGNATURE);
  if (error == 0) error = mbedtls_x509write_crt_set_ext_key_usage(draft.get(), &usage);
  if (error == 0) error = mbedtls_x509write_crt_set_subject_key_identifier(draft.get());
  if (error == 0) error = mbedtls_x509write_crt_set_authority_key_identifier(draft.get());
  return error;
}

}  // namespace

Written make_key(Key& key, Random& random, std::span<char> into) {
  int error = mbedtls_pk_setup(key.get(), mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
  if (error == 0) {
    error = mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(*key.get()), Random::next,
                                random.generator());
  }
  if (error == 0) {
    error = mbedtls_pk_write_key_pem(key.get(), reinterpret_cast<unsigned char*>(into.data()), into.size());
  }
  if (error != 0) return failed("cannot make a key", error);
  return std::strlen(into.data());
}

Written make_certificate(Key& key, const Names& names, WallTime now, Random& random, std::span<char> into) {
  SubjectNames subjects{names};
  Draft draft;
  mbedtls_x509write_crt_set_subject_key(draft.get(), key.get());
  mbedtls_x509write_crt_set_issuer_key(draft.get(), key.get());
  int error = describe(draft, subjects.first_host(), now, random);
  if (error == 0) error = restrict_use(draft);
  if (error == 0) error = mbedtls_x509write_crt_set_subject_alternative_name(draft.get(), subjects.list());
  if (error == 0) {
    error = mbedtls_x509write_crt_pem(draft.get(), reinterpret_cast<unsigned char*>(into.data()), into.size(),
                                      Random::next, random.generator());
  }
  if (error != 0) return failed("cannot make a certificate", error);
  return std::strlen(into.data());
}

}  // namespace signalbox::trust
