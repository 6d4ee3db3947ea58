#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "base/fixed_text.hpp"
#include "base/instant.hpp"
#include "base/result.hpp"
#include "hal/entropy.hpp"
#include "hal/store.hpp"
#include "trust/certificate.hpp"

namespace signalbox::trust {

/// Who this device is to its clients: a private key and a certificate for it.
class Identity {
 public:
  static constexpr std::size_t kKeyBytesMax = 4096;           ///< an RSA key of 4096 bits as PEM, and its NUL
  static constexpr std::size_t kCertificateBytesMax = 12288;  ///< a chain of certificates as PEM, and its NUL

  Identity() = default;
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;
  ~Identity();

  /// Takes the records `key` and `certificate` from `store` and makes those that are not there yet. A key and
  /// certificate from elsewhere (PEM, the device's own certificate first) serve as well. `now` and `names`
  /// are for a new certificate. Errors name the record: `malformed`, `mismatch` where the two do not belong
  /// together, `conflict` where only the certificate is there, `failed`, or what the store says.
  Result<void> open(hal::Store& store, hal::Entropy& entropy, WallTime now, const Names& names);

  /// PEM; a NUL follows, as mbedTLS wants it. Empty until opened.
  std::string_view key() const { return {key_.data(), key_bytes_}; }
  std::string_view certificate() const { return {certificate_.data(), certificate_bytes_}; }
  /// SHA-256 of the device's own certificate, as `openssl x509 -fingerprint -sha256` prints it: `3F:09:…`.
  std::string_view fingerprint() const { return fingerprint_; }

 private:
  Result<void> take_records(hal::Store& store);
  Result<void> take_key(Key& key, hal::Store& store, Random& random);
  Result<void> take_certificate(Key& key, hal::Store& store, Random& random, WallTime now,
                                const Names& names);
  Result<void> check_certificate(Key& key, Random& random, WallTime now);

  std::array<char, kKeyBytesMax> key_{};
  std::size_t key_bytes_ = 0;
  std::array<char, kCertificateBytesMax> certificate_{};
  std::size_t certificate_bytes_ = 0;
  FixedText<95> fingerprint_;
};

}  // namespace signalbox::trust
