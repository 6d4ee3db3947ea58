#include "trust/certificate.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>

#include "base/fixed_text.hpp"
#include "mbedtls/asn1.h"
#include "mbedtls/ecp.h"
#include "mbedtls/oid.h"
#include "trust/subject_names.hpp"

namespace signalbox::trust {
namespace {

using Draft = Owned<mbedtls_x509write_cert, mbedtls_x509write_crt_init, mbedtls_x509write_crt_free>;
using Name = FixedText<127>;

Error failed(const char* what, int code) {
  return Error{Reason::failed,
               format_text<95>("%s: mbedTLS error -0x%04X", what, static_cast<unsigned>(-code))};
}

/// ASN.1 time without its `Z`, as mbedTLS takes it: `20261121020600`.
FixedText<14> asn1_time(std::int64_t unix_s) {
  const std::chrono::sys_seconds moment{std::chrono::seconds{unix_s}};
  const std::chrono::sys_days midnight = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date{midnight};
  const std::chrono::hh_mm_ss time{moment - midnight};
  return format_text<14>("%04d%02u%02u%02d%02d%02d", static_cast<int>(date.year()),
                         static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                         static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                         static_cast<int>(time.seconds().count()));
}

Name common_name(std::string_view host, const char* rest = "") {
  return format_text<127>("CN=%.*s%s", static_cast<int>(std::min<std::size_t>(host.size(), 40)), host.data(),
                          rest);
}

/// Who, by whom, for how long.
int describe(Draft& draft, const Name& subject, const Name& issuer, const Term& term,
             std::span<unsigned char> serial) {
  mbedtls_x509write_crt_set_version(draft.get(), MBEDTLS_X509_CRT_VERSION_3);
  mbedtls_x509write_crt_set_md_alg(draft.get(), MBEDTLS_MD_SHA256);
  int error = mbedtls_x509write_crt_set_subject_name(draft.get(), subject.c_str());
  if (error == 0) error = mbedtls_x509write_crt_set_issuer_name(draft.get(), issuer.c_str());
  if (error == 0) error = mbedtls_x509write_crt_set_serial_raw(draft.get(), serial.data(), serial.size());
  if (error == 0) {
    error = mbedtls_x509write_crt_set_validity(draft.get(), asn1_time(term.begins_s).c_str(),
                                               asn1_time(term.ends_s).c_str());
  }
  if (error == 0) error = mbedtls_x509write_crt_set_subject_key_identifier(draft.get());
  if (error == 0) error = mbedtls_x509write_crt_set_authority_key_identifier(draft.get());
  return error;
}

/// What a leaf is good for: showing who a TLS server is, nothing else.
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
  return error;
}

using Serial = std::array<unsigned char, 16>;

int make_serial(Serial& serial, Random& random) {
  if (!random.fill(serial)) return MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED;
  serial[0] = (serial[0] & 0x3FU) | 0x40U;  // positive, and never fewer bytes
  return 0;
}

int write_pem(Draft& draft, Random& random, std::span<char> into) {
  return mbedtls_x509write_crt_pem(draft.get(), reinterpret_cast<unsigned char*>(into.data()), into.size(),
                                   Random::next, random.generator());
}

}  // namespace

std::int64_t unix_seconds(const mbedtls_x509_time& time) {
  using namespace std::chrono;
  const sys_days day = year{time.year} / month{static_cast<unsigned>(time.mon)} /
                       std::chrono::day{static_cast<unsigned>(time.day)};
  const sys_seconds moment = day + hours{time.hour} + minutes{time.min} + seconds{time.sec};
  return moment.time_since_epoch().count();
}

Term term_of(const mbedtls_x509_crt& certificate) {
  return {unix_seconds(certificate.valid_from), unix_seconds(certificate.valid_to)};
}

std::int64_t believable_s(WallTime now) {
  return std::max<std::int64_t>(now.unix_ms / 1000, SIGNALBOX_BUILD_DAY * kDaySeconds);
}

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

Written make_authority(Key& key, const Names& names, WallTime now, Random& random, std::span<char> into) {
  const SubjectNames subjects{names};
  Draft draft;
  mbedtls_x509write_crt_set_subject_key(draft.get(), key.get());
  mbedtls_x509write_crt_set_issuer_key(draft.get(), key.get());
  Serial serial{};
  int error = make_serial(serial, random);
  // Two devices of one name are still two authorities in a phone's list.
  const auto number =
      format_text<31>(" Signalbox CA %02X%02X%02X%02X", serial[12], serial[13], serial[14], serial[15]);
  const Name name = common_name(subjects.first_host(), number.c_str());
  // Not from today: a clock that is wrong today would spoil all that is signed after it was set right.
  const Term term{(SIGNALBOX_BUILD_DAY - 1) * kDaySeconds, believable_s(now) + kAuthoritySeconds};
  if (error == 0) error = describe(draft, name, name, term, serial);
  if (error == 0) error = mbedtls_x509write_crt_set_basic_constraints(draft.get(), 1, 0);
  if (error == 0) error = mbedtls_x509write_crt_set_key_usage(draft.get(), MBEDTLS_X509_KU_KEY_CERT_SIGN);
  if (error == 0) error = write_pem(draft, random, into);
  if (error != 0) return failed("cannot make an authority", error);
  return std::strlen(into.data());
}

Written make_leaf(Key& key, Key& authority_key, const mbedtls_x509_crt& authority, const Names& names,
                  WallTime now, Random& random, std::span<char> into) {
  SubjectNames subjects{names};
  std::array<char, 128> issuer{};
  Draft draft;
  mbedtls_x509write_crt_set_subject_key(draft.get(), key.get());
  mbedtls_x509write_crt_set_issuer_key(draft.get(), authority_key.get());
  Serial serial{};
  int error = make_serial(serial, random);
  if (error == 0) error = std::min(mbedtls_x509_dn_gets(issuer.data(), issuer.size(), &authority.subject), 0);
  // A day in the past lets in clients whose clock is behind ours.
  const std::int64_t begins_s = believable_s(now) - kDaySeconds;
  const Term term{begins_s, begins_s + kLeafSeconds};
  if (error == 0)
    error = describe(draft, common_name(subjects.first_host()), Name{issuer.data()}, term, serial);
  if (error == 0) error = restrict_use(draft);
  if (error == 0) error = mbedtls_x509write_crt_set_subject_alternative_name(draft.get(), subjects.list());
  if (error == 0) error = write_pem(draft, random, into);
  if (error != 0) return failed("cannot make a certificate", error);
  return std::strlen(into.data());
}

}  // namespace signalbox::trust
