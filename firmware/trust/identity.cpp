#include "trust/identity.hpp"

#include <algorithm>
#include <span>

#include "base/check.hpp"
#include "base/log.hpp"
#include "mbedtls/platform.h"
#include "mbedtls/platform_util.h"
#include "trust/es256.hpp"
#include "trust/subject_names.hpp"

namespace signalbox::trust {
namespace {

constexpr std::string_view kAuthorityRecord = "authority";
constexpr std::string_view kKeyRecord = "key";
constexpr std::string_view kCertificateRecord = "certificate";
constexpr std::int64_t kRenewBeforeSeconds = kLeafSeconds / 3;
constexpr std::size_t kAuthorityBytesMax = 2048;  ///< a P-256 key and its certificate as PEM
constexpr std::size_t kWorkingBytes =
    std::size_t{32} * 1024;  ///< no work here takes more of mbedTLS's memory

/// A record and its NUL; its size, 0 where there is none.
Result<std::size_t> read_text(hal::Store& store, std::string_view record, std::span<char> into) {
  const Result<std::size_t> size = store.read(record, into.first(into.size() - 1));
  if (!size) return size.error().reason == Reason::not_found ? Result<std::size_t>{0} : size;
  if (*size == 0) {
    return Error{Reason::malformed,
                 format_text<95>("record `%.*s` is empty; bring it back, or remove it for a new one",
                                 length(record), record.data()),
                 record};
  }
  into[*size] = '\0';
  return size;
}

/// The bytes as mbedTLS's PEM readers want them, their NUL included.
const unsigned char* as_pem(std::span<const char> text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// Asked before anything is judged: mbedTLS calls what it has no memory for wrong, and whoever believed that
/// would remove a key or an authority that is good.
Result<void> check_memory() {
  void* block = mbedtls_calloc(1, kWorkingBytes);
  mbedtls_free(block);
  if (block != nullptr) return {};
  return Error{Reason::overloaded, "no memory for keys and certificates now", {}, 1000};
}

FixedText<95> fingerprint_of(const mbedtls_x509_buf& der) {
  const Sha256 digest = sha256({reinterpret_cast<const char*>(der.p), der.len});
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::array<char, 95> text{};
  for (std::size_t i = 0; i < digest.size(); ++i) {
    text[3 * i] = digits[digest[i] >> 4U];
    text[3 * i + 1] = digits[digest[i] & 0xFU];
    if (i + 1 < digest.size()) text[3 * i + 2] = ':';
  }
  return std::string_view{text.data(), text.size()};
}

/// Whether the authority's key signed it; whether it is valid today is no question here.
bool is_signed_by(Certificate& certificate, mbedtls_x509_crt& authority) {
  std::uint32_t faults = 0;
  mbedtls_x509_crt_verify(certificate.get(), &authority, nullptr, nullptr, &faults, nullptr, nullptr);
  constexpr std::uint32_t kOfTime = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE;
  return (faults & ~kOfTime) == 0;
}

bool signed_itself(const mbedtls_x509_crt& certificate) {
  return certificate.issuer_raw.len == certificate.subject_raw.len &&
         std::equal(certificate.issuer_raw.p, certificate.issuer_raw.p + certificate.issuer_raw.len,
                    certificate.subject_raw.p);
}

/// A device without a clock of its own keeps what it has until it knows the date.
bool is_due(const Term& term, WallTime now) {
  const std::int64_t now_s = now.unix_ms / 1000;
  return now_s == believable_s(now) && (now_s < term.begins_s || term.ends_s - now_s < kRenewBeforeSeconds);
}

}  // namespace

/// What signing needs, in mbedTLS's form.
struct Identity::Signer {
  ~Signer() { mbedtls_platform_zeroize(record.data(), record.size()); }

  Random random;
  Key key;            ///< the device's own
  Key authority_key;  ///< the authority's
  Certificate authority;
  Certificate chain;  ///< the device's own that there is, if any
  std::array<char, kAuthorityBytesMax> record{};
  std::size_t record_bytes = 0;

  Result<void> parse() {
    int error = mbedtls_pk_parse_key(authority_key.get(), as_pem(record), record_bytes + 1, nullptr, 0,
                                     Random::next, random.generator());
    if (error == 0) error = mbedtls_x509_crt_parse(authority.get(), as_pem(record), record_bytes + 1);
    if (error == 0) {
      error = mbedtls_pk_check_pair(&authority->pk, authority_key.get(), Random::next, random.generator());
    }
    if (error == 0 && mbedtls_x509_crt_get_ca_istrue(authority.get()) != 1)
      error = MBEDTLS_ERR_X509_INVALID_EXTENSIONS;
    if (error == 0) return {};
    return Error{Reason::malformed,
                 "record `authority` is damaged: bring it back, or remove it and `certificate` for a new "
                 "authority, which every client must be told to trust",
                 kAuthorityRecord};
  }

  std::string_view authority_pem() const {
    const std::string_view all{record.data(), record_bytes};
    return all.substr(std::min(all.find("-----BEGIN CERTIFICATE-----"), all.size()));
  }
};

Identity::~Identity() { mbedtls_platform_zeroize(key_.data(), key_.size()); }

void Identity::forget() { key_bytes_ = certificate_bytes_ = authority_bytes_ = 0; }

Result<void> Identity::open(hal::Store& store, hal::Entropy& entropy, WallTime now, const Names& names) {
  Signer signer;
  forget();
  Result<void> step = check_memory();
  if (step) step = signer.random.seed(entropy);
  if (step) step = take_records(signer, store);
  if (step) step = take_authority(signer, store, names, now);
  if (step) step = take_key(signer, store);
  if (step) step = take_certificate(signer, store, names, now);
  if (!step) forget();
  return step;
}

Result<void> Identity::read_key(Signer& signer) const {
  const int error = mbedtls_pk_parse_key(signer.key.get(), as_pem(key_), key_bytes_ + 1, nullptr, 0,
                                         Random::next, signer.random.generator());
  if (error == 0) return {};
  return Error{Reason::malformed,
               "record `key` is no private key in PEM without a password; remove it and `certificate`",
               kKeyRecord};
}

Result<void> Identity::take_records(Signer& signer, hal::Store& store) {
  const Result<std::size_t> key = read_text(store, kKeyRecord, key_);
  if (!key) return key.error();
  const Result<std::size_t> certificate = read_text(store, kCertificateRecord, certificate_);
  if (!certificate) return certificate.error();
  if (*key == 0 && *certificate != 0) {
    return Error{Reason::conflict,
                 "record `certificate` has lost its `key`; bring the key back, or remove it", kKeyRecord};
  }
  key_bytes_ = *key;
  certificate_bytes_ = *certificate;
  if (const Result<void> read = key_bytes_ != 0 ? read_key(signer) : Result<void>{}; !read) return read;
  if (certificate_bytes_ == 0) return {};
  if (mbedtls_x509_crt_parse(signer.chain.get(), as_pem(certificate_), certificate_bytes_ + 1) != 0) {
    return Error{Reason::malformed, "record `certificate` is no certificate in PEM; remove it for a new one",
                 kCertificateRecord};
  }
  return {};
}

/// Whether the certificate there is (if there is one) is for the key and of the authority: `is_ours`; where
/// not it must have signed itself, as earlier versions' did.
Result<void> Identity::check_origin(Signer& signer, bool& is_ours) {
  is_ours = false;
  if (certificate_bytes_ == 0) return {};
  if (mbedtls_pk_check_pair(&signer.chain->pk, signer.key.get(), Random::next, signer.random.generator()) !=
      0) {
    return Error{Reason::mismatch,
                 "record `certificate` is not for the key in `key`; remove it for a new one",
                 kCertificateRecord};
  }
  term_ = term_of(*signer.chain.get());
  is_ours = is_signed_by(signer.chain, *signer.authority.get());
  if (is_ours || signed_itself(*signer.chain.get())) return {};
  return Error{Reason::mismatch,
               "record `certificate` is of another authority than the one in `authority`: remove it for a "
               "new one; your own are given by --certificate and --key",
               kCertificateRecord};
}

Result<void> Identity::take_authority(Signer& signer, hal::Store& store, const Names& names, WallTime now) {
  const Result<std::size_t> size = read_text(store, kAuthorityRecord, signer.record);
  if (!size) return size.error();
  signer.record_bytes = *size;
  if (*size != 0) return signer.parse();

  // Nothing is made beside a certificate that a lost authority vouched for.
  if (certificate_bytes_ != 0 && !signed_itself(*signer.chain.get())) {
    return Error{Reason::conflict,
                 "record `certificate` is of an authority that is not in `authority`: bring that back, or "
                 "remove `certificate`; your own are given by --certificate and --key",
                 kAuthorityRecord};
  }
  const Written key = make_key(signer.authority_key, signer.random, signer.record);
  if (!key) return key.error();
  const Written made =
      make_authority(signer.authority_key, names, now, signer.random, std::span{signer.record}.subspan(*key));
  if (!made) return made.error();
  signer.record_bytes = *key + *made;
  const Result<void> written = store.write(kAuthorityRecord, {signer.record.data(), signer.record_bytes});
  if (!written) return written;
  return mbedtls_x509_crt_parse(signer.authority.get(), as_pem(signer.record), signer.record_bytes + 1) == 0
             ? Result<void>{}
             : Error{Reason::internal, "the authority just made cannot be read", kAuthorityRecord};
}

Result<void> Identity::take_key(Signer& signer, hal::Store& store) {
  if (key_bytes_ != 0) return {};
  const Written made = make_key(signer.key, signer.random, key_);
  if (!made) return made.error();
  key_bytes_ = *made;
  return store.write(kKeyRecord, key());
}

Result<void> Identity::take_certificate(Signer& signer, hal::Store& store, const Names& names, WallTime now) {
  bool is_ours = false;
  const Result<void> origin = check_origin(signer, is_ours);
  if (!origin) return origin;
  authority_bytes_ = signer.authority_pem().size();
  fingerprint_ = fingerprint_of(signer.authority->raw);
  if (now.unix_ms / 1000 > term_of(*signer.authority.get()).ends_s) {
    log(Severity::warning,
        "the device's authority has expired; remove the records `authority` and `certificate` for a new one");
  }
  const bool was_there = certificate_bytes_ != 0;
  if (is_ours && !is_due(term_, now) && SubjectNames{names}.are_of(*signer.chain.get())) return {};
  Result<void> step = sign(signer, names, now);
  if (!step) return step;
  if (was_there && !is_ours) {
    log(Severity::warning,
        "the certificate that signed itself gives way to one of the device's own authority: clients that "
        "trusted it must trust /ca.crt");
  }
  step = store.write(kCertificateRecord, certificate());
  if (step || !was_there) return step;
  log(Severity::warning, "the new certificate serves, but is not kept: %s", step.error().detail.c_str());
  return {};
}

Result<void> Identity::sign(Signer& signer, const Names& names, WallTime now) {
  const Written made = make_leaf(signer.key, signer.authority_key, *signer.authority.get(), names, now,
                                 signer.random, certificate_);
  if (!made) return made.error();
  const std::string_view authority = signer.authority_pem();
  certificate_bytes_ = *made;
  SIGNALBOX_CHECK(certificate_bytes_ + authority.size() < certificate_.size());
  certificate_bytes_ += authority.copy(certificate_.data() + certificate_bytes_, authority.size());
  certificate_[certificate_bytes_] = '\0';
  Certificate chain;
  if (mbedtls_x509_crt_parse(chain.get(), as_pem(certificate_), certificate_bytes_ + 1) != 0)
    return Error{Reason::internal, "the certificate just made cannot be read", kCertificateRecord};
  term_ = term_of(*chain.get());
  return {};
}

Result<void> Identity::adopt(std::string_view certificate, std::string_view key, hal::Entropy& entropy,
                             WallTime now) {
  Random random;
  Key parsed_key;
  Certificate chain;
  forget();
  if (certificate.size() >= certificate_.size() || key.size() >= key_.size()) {
    return Error{Reason::too_big, format_text<95>("a chain may have %zu bytes of PEM, a key %zu",
                                                  certificate_.size() - 1, key_.size() - 1)};
  }
  certificate_[certificate.copy(certificate_.data(), certificate.size())] = '\0';
  key_[key.copy(key_.data(), key.size())] = '\0';
  Result<void> step = check_memory();
  if (step) step = random.seed(entropy);
  if (!step) return step;
  if (mbedtls_x509_crt_parse(chain.get(), as_pem(certificate_), certificate.size() + 1) != 0)
    return Error{Reason::malformed,
                 "no certificates, or one that cannot be used; expected a chain in PEM, with keys of ECDSA "
                 "(P-256, P-384) or RSA",
                 "certificate"};
  if (mbedtls_pk_parse_key(parsed_key.get(), as_pem(key_), key.size() + 1, nullptr, 0, Random::next,
                           random.generator()) != 0)
    return Error{Reason::malformed,
                 "no private key that can be used; expected one in PEM without a password, of ECDSA "
                 "(P-256, P-384) or RSA",
                 "key"};
  if (mbedtls_pk_check_pair(&chain->pk, parsed_key.get(), Random::next, random.generator()) != 0) {
    return Error{Reason::mismatch, "the key does not belong to the first certificate", "key"};
  }
  term_ = term_of(*chain.get());
  const std::int64_t now_s = now.unix_ms / 1000;
  if (now_s == believable_s(now) && now_s > term_.ends_s)
    return Error{Reason::expired, "the first certificate has expired; renew it", "certificate"};
  if (now_s == believable_s(now) && now_s < term_.begins_s)
    return Error{Reason::expired, "the first certificate is not valid yet; is the clock right?",
                 "certificate"};
  certificate_bytes_ = certificate.size();
  key_bytes_ = key.size();
  fingerprint_ = fingerprint_of(chain->raw);
  return {};
}

bool Identity::is_renewal_due(WallTime now) const { return authority_bytes_ != 0 && is_due(term_, now); }

Result<void> Identity::renew(hal::Store& store, hal::Entropy& entropy, WallTime now, const Names& names) {
  Signer signer;
  Result<void> step = check_memory();
  if (step) step = signer.random.seed(entropy);
  const Result<std::size_t> size =
      step ? read_text(store, kAuthorityRecord, signer.record) : Result<std::size_t>{step.error()};
  if (!size) return size.error();
  signer.record_bytes = *size;
  step = signer.parse();
  if (step) step = read_key(signer);
  if (step && signer.authority_pem() != authority())
    step = Error{Reason::mismatch, "record `authority` is another one than at the start", kAuthorityRecord};
  return step ? sign(signer, names, now) : step;
}

}  // namespace signalbox::trust
