#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/fixed_text.hpp"
#include "base/result.hpp"
#include "base/scope.hpp"
#include "base/token_bucket.hpp"
#include "hal/store.hpp"
#include "trust/es256.hpp"
#include "trust/issuers.hpp"

namespace signalbox::trust {

/// A token that was given out, or something that was refused for good.
struct Grant {
  enum class Kind : std::uint8_t {
    token,          ///< given out here
    foreign_token,  ///< an issuer's, refused
    foreign_key,    ///< an issuer's, refused with all that it signed
  };
  FixedText<43> id;  ///< what stands in `jti` before the dot; of a key its `kid`
  KeyId key{};       ///< of an issuer's token: which had signed it; empty where that is not known
  FixedText<31> name;
  Scope scope;
  std::int64_t issued_s = 0;
  std::int64_t expires_s = 0;   ///< the latest of all that were made of it
  std::int64_t lifetime_s = 0;  ///< for how long it is made again
  Kind kind = Kind::token;
  bool revoked = false;
  TokenBucket renewals{};  ///< of this run; not kept
};

/// Who may come in: the key that signs, the tokens it has signed, whether somebody has claimed the device.
/// All of it is one record, `tokens`, so that a power cut leaves what was or what is, whole.
class Grants {
 public:
  /// Each administrator, person and program needs one; what has expired makes room.
  static constexpr std::size_t kGrantsMax = 64;
  /// What was refused of issuers has places of its own, so that neither keeps out the other: their tokens,
  /// each until it has ended or its key is refused, and their keys.
  static constexpr std::size_t kTokensRefusedMax = 24;
  static constexpr std::size_t kKeysRefusedMax = Issuers::kKeysMax;
  static constexpr std::size_t kPlaces = kGrantsMax + kTokensRefusedMax + kKeysRefusedMax;
  static constexpr std::size_t kRecordBytesMax = 32 * 1024;

  /// Takes the record, or begins one with a new key. Errors: `malformed` where it is damaged, with what to
  /// do; what the store says.
  Result<void> open(hal::Store& store, Random& random);

  const SigningKey& key() const { return key_; }
  const KeyId& key_id() const { return key_id_; }
  bool is_claimed() const { return claimed_; }
  std::span<const Grant> all() const { return std::span{grants_}.first(count_); }
  const Grant* find(Grant::Kind kind, std::string_view id) const;
  /// The latest moment that was ever written down; time has come that far.
  std::int64_t latest_s() const;

  /// No moment later than that was right: what was written down then is as if it had been now, and lasts as
  /// long. Kept with what is kept next.
  void set_back(std::int64_t now_s);

  /// What happens to one more where all places are needed.
  enum class WhenFull : std::uint8_t {
    refuse,
    replace,  ///< the token that ends first gives way, and nothing that was refused
  };
  /// Keeps one more, or another in the place of the one of its kind and id; the device is claimed from then
  /// on. Where it fails, all stays as it was. Errors: `overloaded` where all places of its kind are taken,
  /// and what the store says.
  Result<void> keep(const Grant& grant, std::int64_t now_s, WhenFull when_full = WhenFull::refuse);
  /// Goes on with another key: whatever the old one signed is worth nothing, and `first`, where there is one,
  /// is the only token. What was refused of issuers stays so. Errors as for `keep`.
  Result<void> start_over(const SigningKey& key, const std::optional<Grant>& first, std::int64_t now_s);

 private:
  Result<void> take(std::string_view record, Random& random);
  Result<void> save();
  bool is_needed(const Grant& kept, std::int64_t now_s) const;
  /// Where a grant may stand; kPlaces where all of its kind are needed.
  std::size_t place_for(const Grant& grant, std::int64_t now_s) const;

  hal::Store* store_ = nullptr;
  SigningKey key_;
  KeyId key_id_;
  bool claimed_ = false;
  std::array<Grant, kPlaces> grants_{};
  std::size_t count_ = 0;
  std::array<char, kRecordBytesMax> record_{};
};

}  // namespace signalbox::trust
