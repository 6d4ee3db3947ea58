#include "trust/identity.hpp"

#include <chrono>
#include <span>

#include "base/log.hpp"
#include "mbedtls/platform_util.h"
#include "mbedtls/sha256.h"
#include "mbedtls/x509_crt.h"

namespace signalbox::trust {
namespace {

constexpr std::string_view kKeyRecord = "key";
constexpr std::string_view kCertificateRecord = "certificate";

using Certificate = Owned<mbedtls_x509_crt, mbedtls_x509_crt_init, mbedtls_x509_crt_free>;

/// A record and its NUL; its size, 0 where there is none.
Result<std::size_t> read_text(hal::Store& store, std::string_view record, std::span<char> into) {
  const Result<std::size_t> size = store.read(record, into.first(into.size() - 1));
  if (!size) return size.error().reason == Reason::not_found ? Result<std::size_t>{0} : size;
  if (*size == 0)
    return Error{Reason::malformed, "the record is empty; remove `key` and `certificate`", record};
  into[*size] = '\0';
  return size;
}

/// The bytes as mbedTLS's PEM readers want them, their NUL included.
const unsigned char* as_pem(std::span<const char> text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

FixedText<95> fingerprint_of(const mbedtls_x509_buf& der) {
  std::array<unsigned char, 32> digest{};
  if (mbedtls_sha256(der.p, der.len, digest.data(), 0) != 0) return {};
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::array<char, 95> text{};
  for (std::size_t i = 0; i < digest.size(); ++i) {
    text[3 * i] = digits[digest[i] >> 4U];
    text[3 * i + 1] = digits[digest[i] & 0xFU];
    if (i + 1 < digest.size()) text[3 * i + 2] = ':';
  }
  return std::string_view{text.data(), text.size()};
}

bool ends_before(const mbedtls_x509_time& end, WallTime now) {
  using namespace std::chrono;
  const sys_days day = year{end.year} / month{static_cast<unsigned>(end.mon)} /
                       std::chrono::day{static_cast<unsigned>(end.day)};
  const sys_seconds moment = day + hours{end.hour} + minutes{end.min} + seconds{end.sec};
  return moment.time_since_epoch() < milliseconds{now.unix_ms};
}

}  // namespace

Identity::~Identity() { mbedtls_platform_zeroize(key_.data(), key_.size()); }

Result<void> Identity::open(hal::Store& store, hal::Entropy& entropy, WallTime now, const Names& names) {
  Random random;
  Key key;
  Result<void> step = take_records(store);
  if (step) step = random.seed(entropy);
  if (step) step = take_key(key, store, random);
  if (step) step = take_certificate(key, store, random, now, names);
  if (step) step = check_certificate(key, random, now);
  if (!step) key_bytes_ = certificate_bytes_ = 0;
  return step;
}

Result<void> Identity::take_records(hal::Store& store) {
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
  return {};
}

Result<void> Identity::take_key(Key& key, hal::Store& store, Random& random) {
  if (key_bytes_ == 0) {
    const Written made = make_key(key, random, key_);
    if (!made) return made.error();
    key_bytes_ = *made;
    return store.write(kKeyRecord, this->key());
  }
  const int error = mbedtls_pk_parse_key(key.get(), as_pem(key_), key_bytes_ + 1, nullptr, 0, Random::next,
                                         random.generator());
  if (error != 0) {
    return Error{Reason::malformed,
                 "record `key` is no private key in PEM without a password; remove it and `certificate`",
                 kKeyRecord};
  }
  return {};
}

Result<void> Identity::take_certificate(Key& key, hal::Store& store, Random& random, WallTime now,
                                        const Names& names) {
  if (certificate_bytes_ != 0) return {};
  const Written made = make_certificate(key, names, now, random, certificate_);
  if (!made) return made.error();
  certificate_bytes_ = *made;
  return store.write(kCertificateRecord, certificate());
}

Result<void> Identity::check_certificate(Key& key, Random& random, WallTime now) {
  Certificate chain;
  if (mbedtls_x509_crt_parse(chain.get(), as_pem(certificate_), certificate_bytes_ + 1) != 0) {
    return Error{Reason::malformed, "record `certificate` is no certificate in PEM; remove it for a new one",
                 kCertificateRecord};
  }
  if (mbedtls_pk_check_pair(&chain->pk, key.get(), Random::next, random.generator()) != 0) {
    return Error{Reason::mismatch,
                 "record `certificate` is not for the key in `key`; remove it for a new one",
                 kCertificateRecord};
  }
  if (ends_before(chain->valid_to, now)) {
    log(Severity::warning,
        "the device's certificate has expired; remove the record `certificate` for a new one");
  }
  fingerprint_ = fingerprint_of(chain->raw);
  return {};
}

}  // namespace signalbox::trust
