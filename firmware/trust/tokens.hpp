#pragma once

#include <array>
#include <string_view>

#include "base/principal.hpp"
#include "base/result.hpp"
#include "hal/entropy.hpp"
#include "hal/store.hpp"

namespace signalbox::trust {

/// A bearer token: 256 random bits in base64url without padding (RFC 4648 section 5).
inline constexpr std::size_t kTokenCharacters = 43;

/// Who may come in by showing a token. One token today, the owner's, which allows everything.
class Tokens {
 public:
  /// Takes the record `token` from `store`; on a first start makes one. Errors: `malformed` where the record
  /// is damaged, `failed` without good randomness, or what the store says. Until it succeeds nobody comes in.
  Result<void> open(hal::Store& store, hal::Entropy& entropy);

  /// Whose token this is, or `unauthenticated`. Takes the same time for every wrong token.
  Result<Principal> check(std::string_view token) const;

  /// The secret by which a session of that name can be resumed: HMAC-SHA-256 (RFC 2104) under the owner's
  /// token. The name must tell run, session and principal apart from all others.
  FixedText<kTokenCharacters> of_session(std::string_view name) const;
  bool is_of_session(std::string_view name, std::string_view token) const;

  /// The owner's token, for the root to show to the person at the console; empty until opened.
  std::string_view owner() const { return {owner_.data(), open_ ? owner_.size() : 0}; }

 private:
  std::array<char, kTokenCharacters> owner_{};
  bool open_ = false;
};

}  // namespace signalbox::trust
