#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "base/fixed_text.hpp"
#include "base/result.hpp"
#include "trust/random.hpp"

namespace signalbox::trust {

/// ES256: ECDSA with P-256 and SHA-256 (RFC 7518 section 3.4). Keys are kept as bytes, so that between two
/// calls nothing is taken from the library's region.

/// Of x or y of a point, of r or s of a signature.
constexpr std::size_t kHalf = 32;
/// A point that is not compressed: 4, x and y (SEC 1 section 2.3.3).
using PublicKey = std::array<unsigned char, 65>;
/// r and s, 32 bytes each, the first byte the highest.
using Signature = std::array<unsigned char, 64>;
using Sha256 = std::array<unsigned char, 32>;
/// A key's name: its thumbprint (RFC 7638) in base64url.
using KeyId = FixedText<43>;

Sha256 sha256(std::string_view text);

/// A private key, which leaves no copy behind.
class SigningKey {
 public:
  static constexpr std::size_t kBytes = 32;

  SigningKey() = default;
  SigningKey(const SigningKey&) = delete;
  SigningKey& operator=(const SigningKey&) = delete;
  ~SigningKey();

  /// A new one. `failed` where the generator or the library's region has nothing left.
  Result<void> make(Random& random);
  /// The one of these bytes; `malformed` where they are none of P-256's.
  Result<void> take(std::span<const unsigned char> bytes, Random& random);
  std::span<const unsigned char> bytes() const { return secret_; }
  void replace(const SigningKey& other);

  const PublicKey& public_key() const { return public_; }
  /// The same text has the same signature (RFC 6979). `overloaded` where the library's region has no room.
  Result<Signature> sign(std::string_view text, Random& random) const;

 private:
  std::array<unsigned char, kBytes> secret_{};
  PublicKey public_{};
};

/// Whether the point is one of the curve, and so can be a key.
bool is_public_key(const PublicKey& key);
KeyId id_of(const PublicKey& key);
/// True where that key has signed the text. Error `overloaded` where the library's region has no room to
/// tell.
Result<bool> is_signed(const PublicKey& key, std::string_view text, const Signature& signature);

}  // namespace signalbox::trust
