#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/fixed_text.hpp"
#include "base/instant.hpp"
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
///
/// Changes are in memory at once, and in the store once they are saved, which nobody waits for: several are
/// saved together, and none is made meanwhile. Where that fails, all of them are undone.
class Grants {
 public:
  /// Each administrator, person and program needs one; what has expired makes room.
  static constexpr std::size_t kGrantsMax = 64;
  /// What was refused of issuers has places of its own, so that neither keeps out the other: their tokens,
  /// each until it has ended or its key is refused, and their keys.
  static constexpr std::size_t kTokensRefusedMax = 24;
  static constexpr std::size_t kKeysRefusedMax = Issuers::kKeysMax;
  static constexpr std::size_t kPlaces = kGrantsMax + kTokensRefusedMax + kKeysRefusedMax;
  /// A store that is silent for that long is told of.
  static constexpr Duration kSilentMax = from_ms(5000);

  /// Takes the record, or begins one with a new key. Before the loop starts: it waits for the disk. Errors:
  /// `malformed` where it is damaged, with what to do; what the store says.
  Result<void> open(hal::Store& store, Random& random);

  const SigningKey& key() const { return now_.key; }
  const KeyId& key_id() const { return now_.key_id; }
  bool is_claimed() const { return now_.claimed; }
  std::span<const Grant> all() const { return std::span{now_.grants}.first(now_.count); }
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
  /// One more, or another in the place of the one of its kind and id; the device is claimed from then on.
  /// Errors: `overloaded` where all places of its kind are taken, or the record cannot take it; then all
  /// stays as it was. Not while saving, nor is `start_over`.
  Result<void> keep(const Grant& grant, std::int64_t now_s, WhenFull when_full = WhenFull::refuse);
  /// Goes on with another key: whatever the old one signed is worth nothing, and `first`, where there is one,
  /// is the only token. What was refused of issuers stays so. Errors as for `keep`.
  Result<void> start_over(const SigningKey& key, const std::optional<Grant>& first, std::int64_t now_s);

  /// Whether something is not saved, nor about to be.
  bool is_changed() const { return changed_; }
  bool is_saving() const { return operation_.completion != hal::Completion::idle; }
  /// Begins to save; in a later step it has ended.
  void save(Instant now);
  /// How saving ended, once it has; where it failed, all is as it was when it was last saved, and the error
  /// is the store's.
  std::optional<Result<void>> step(Instant now);
  /// When it wants to be stepped again.
  Instant next() const;

 private:
  struct State {
    SigningKey key;
    KeyId key_id;
    bool claimed = false;
    std::array<Grant, kPlaces> grants{};
    std::size_t count = 0;

    void use(const SigningKey& its);
    void take_over(const State& other);
  };

  Result<void> take(std::string_view record, Random& random);
  Result<std::string_view> write_record();
  /// Errors as for `keep`.
  Result<void> check_fits();
  void wipe_record();
  bool is_needed(const Grant& kept, std::int64_t now_s) const;
  /// Where a grant may stand; kPlaces where all of its kind are needed.
  std::size_t place_for(const Grant& grant, std::int64_t now_s) const;

  hal::Store* store_ = nullptr;
  State now_;
  State saved_;  ///< what was saved last
  bool changed_ = false;
  hal::SaveOperation operation_;
  Instant silent_at_ = kNever;                            ///< when saving has taken too long
  std::array<char, hal::Store::kRecordBytesMax> record_;  ///< not touched before it is needed
  std::size_t record_used_ = 0;
};

}  // namespace signalbox::trust
