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

/// Who this device is to its clients: a private key, a certificate for it, and who vouches for that. That is
/// the device's own authority, which a client trusts once and for all, or somebody else's.
class Identity {
 public:
  static constexpr std::size_t kKeyBytesMax = 4096;           ///< an RSA key of 4096 bits as PEM, and its NUL
  static constexpr std::size_t kCertificateBytesMax = 12288;  ///< a chain of certificates as PEM, and its NUL

  Identity() = default;
  Identity(const Identity&) = default;
  Identity& operator=(const Identity&) = default;
  ~Identity();

  /// Takes the records `authority` (key and certificate of the device's own authority), `key` and
  /// `certificate` (the device's own, and the authority's behind it) from `store`, and makes what is not
  /// there yet. What is written first is needed by what comes later, so a start that was cut short goes on
  /// where it stopped. The certificate is made anew, for the same key and by the same authority, when a
  /// third of its life is left, when it is of another time, when the names changed, and where it is one that
  /// signed itself, as earlier versions made it. Errors name the record and say what to do: `malformed`,
  /// `mismatch` where they do not belong together, `conflict` where one is missing, `failed`, `overloaded`
  /// for want of memory, or what the store says.
  Result<void> open(hal::Store& store, hal::Entropy& entropy, WallTime now, const Names& names);

  /// Takes a key and a certificate from elsewhere instead (PEM, the device's own certificate first, then
  /// those that vouch for it). Errors: `malformed`, `mismatch`, `tooBig`, `expired`, `failed`,
  /// `overloaded`.
  Result<void> adopt(std::string_view certificate, std::string_view key, hal::Entropy& entropy, WallTime now);

  /// Whether the device should make a new certificate now; never where it was taken from elsewhere.
  bool is_renewal_due(WallTime now) const;
  /// Makes a new certificate in memory. The record stays as it is, for a disk may block: the next start finds
  /// it old and does the same.
  Result<void> renew(hal::Store& store, hal::Entropy& entropy, WallTime now, const Names& names);

  /// PEM; a NUL follows, as mbedTLS wants it. Empty until opened.
  std::string_view key() const { return {key_.data(), key_bytes_}; }
  std::string_view certificate() const { return {certificate_.data(), certificate_bytes_}; }
  /// The certificate of the device's own authority as PEM: the end of the chain. Empty where somebody else
  /// vouches for it.
  std::string_view authority() const { return certificate().substr(certificate_bytes_ - authority_bytes_); }
  /// SHA-256 of what a client should trust, the authority's certificate where it is the device's own and else
  /// the certificate, as `openssl x509 -fingerprint -sha256` prints it: `3F:09:…`.
  std::string_view fingerprint() const { return fingerprint_; }
  const Term& term() const { return term_; }

 private:
  struct Signer;

  Result<void> read_key(Signer& signer) const;
  Result<void> take_records(Signer& signer, hal::Store& store);
  Result<void> check_origin(Signer& signer, bool& is_ours);
  Result<void> take_authority(Signer& signer, hal::Store& store, const Names& names, WallTime now);
  Result<void> take_key(Signer& signer, hal::Store& store);
  Result<void> take_certificate(Signer& signer, hal::Store& store, const Names& names, WallTime now);
  Result<void> sign(Signer& signer, const Names& names, WallTime now);
  void forget();

  std::array<char, kKeyBytesMax> key_{};
  std::size_t key_bytes_ = 0;
  std::array<char, kCertificateBytesMax> certificate_{};
  std::size_t certificate_bytes_ = 0;
  std::size_t authority_bytes_ = 0;
  Term term_;
  FixedText<95> fingerprint_;
};

}  // namespace signalbox::trust
