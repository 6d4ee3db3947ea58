#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "base/fixed_text.hpp"
#include "base/result.hpp"
#include "trust/es256.hpp"

namespace signalbox::trust {

/// The public keys of those whose tokens are taken beside our own: a JSON Web Key Set (RFC 7517 section 5).
class Issuers {
 public:
  static constexpr std::size_t kKeysMax = 8;

  /// Each key has `kty` EC, `crv` P-256, `x`, `y` and `kid`; others are an error, so that nobody takes a key
  /// for used that is not. Errors: `malformed`, `tooBig`, with the member. Empty text: nobody.
  Result<void> read(std::string_view text);

  const PublicKey* find(std::string_view key_id) const;
  /// The id of the only key; empty where there are several, or none.
  KeyId only() const { return count_ == 1 ? keys_[0].id : KeyId{}; }

 private:
  Result<void> take(std::string_view text);

  struct Entry {
    KeyId id;
    PublicKey key{};
  };
  std::array<Entry, kKeysMax> keys_{};
  std::size_t count_ = 0;
};

}  // namespace signalbox::trust
