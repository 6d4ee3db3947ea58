#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/instant.hpp"
#include "base/principal.hpp"
#include "base/result.hpp"
#include "hal/entropy.hpp"
#include "hal/store.hpp"
#include "trust/claim_code.hpp"
#include "trust/grants.hpp"
#include "trust/issuers.hpp"
#include "trust/jwt.hpp"
#include "trust/random.hpp"
#include "trust/tickets.hpp"

namespace signalbox::trust {

/// A secret of 256 bits in base64url.
inline constexpr std::size_t kSecretCharacters = 43;

/// What a token is held against.
struct Here {
  std::string_view device;  ///< its id, which must be the token's audience
  WallTime now;
};

/// Who may come in by showing a token: one that this device has signed and still stands for, or one of an
/// issuer whose keys it was given (JWT, ES256 alone). On a first start nobody may, until somebody has claimed
/// the device with the code that it prints.
///
/// Own tokens must stand among the grants, and are worth what stands there, so that a key that leaked signs
/// nothing new that is believed, and a lost record lets nobody in.
///
/// What `claim`, `issue`, `refresh` and `revoke` do holds at once and is undone where it cannot be saved, so
/// whoever asked is told once `step` says how that ended. None of them while saving.
class Tokens {
 public:
  struct Setup {
    std::string_view issuers = {};  ///< a JSON Web Key Set; empty: nobody's but our own
    std::int64_t earliest_s = 0;    ///< before that moment (Unix seconds) the clock is known to be wrong
  };
  /// A token given out, and for whom. The text stays until the next call.
  struct Issued {
    Principal principal;
    std::string_view token;
  };

  static constexpr std::int64_t kDay_s = 86'400;
  static constexpr std::int64_t kLifetimeMin_s = 60;
  static constexpr std::int64_t kLifetimeMax_s = 366 * kDay_s;
  /// From when it was made to its end. None that lives longer is taken of an issuer, nor one that was made in
  /// the future, so that one that was revoked need not be remembered for ever.
  static constexpr std::int64_t kForeignLifetimeMax_s = 31 * kDay_s;
  /// How far an issuer's clock may be ahead of ours.
  static constexpr std::int64_t kIssuerAhead_s = 300;

  Tokens() = default;
  Tokens(const Tokens&) = delete;
  Tokens& operator=(const Tokens&) = delete;
  ~Tokens();

  /// Takes the record `tokens` from `store`, or begins one. That there is a record `reopen-claim` opens
  /// claiming once more; until then the clock is believed, be it far behind what was written down: who put it
  /// there is at the device. Until it succeeds nobody comes in. Store and entropy are kept. Errors:
  /// `malformed` where record or issuers are damaged, `failed` without good randomness, or what the store
  /// says.
  Result<void> open(hal::Store& store, hal::Entropy& entropy, const Setup& setup);
  Result<void> open(hal::Store& store, hal::Entropy& entropy) { return open(store, entropy, Setup{}); }

  /// Whether the clock may be right: `offline`, with what to do, while it is known to be wrong.
  Result<void> read_clock(WallTime now) const;
  /// Whose token this is. Errors: `unauthenticated` in words that help its owner; `offline` (temporary) while
  /// the clock is known to be wrong; `overloaded`.
  Result<Principal> check(std::string_view token, const Here& here);

  /// Whose token it claims to be (`sub`), before anything is believed: for `LoginThrottle`. Nobody's where it
  /// is no token at all, or where no key that we take has signed it by its own words (`kid`).
  FixedText<31> account_of(std::string_view token) const;

  /// What is to be printed for whoever stands at the device; empty where it cannot be claimed.
  FixedText<14> claim_code() const { return code_.text(); }
  /// Where nobody stands at the device, the code goes into the record `claim-code` instead, until it was
  /// used; otherwise none of an earlier run is left there. Errors: what the store says.
  Result<void> keep_claim_code(bool wanted);
  std::uint64_t wrong_claims() const { return code_.wrong(); }
  /// Whether that is the claim code, for now. Errors: those of `ClaimCode::check`, and `busy` while somebody
  /// else's claim is being saved.
  Result<void> check_claim(std::string_view code);
  /// Whether somebody has claimed it; also while `reopen-claim` lets it be claimed once more.
  bool is_claimed() const { return grants_.is_claimed(); }
  /// Makes whoever shows the code the administrator; the code works once. Where all places are taken, the
  /// token that ends first gives way. Errors: those of `check_claim`; `malformed` for a name that is none;
  /// those of `issue`.
  Result<Issued> claim(std::string_view code, std::string_view name, const Here& here);

  /// Gives out a token; never one that could do more than `by`, nor for longer. Errors: `forbidden` where it
  /// would; `malformed` for a name that is none; `overloaded`; `offline` while the clock is wrong.
  Result<Issued> issue(const Principal& by, std::string_view name, const Scope& scope,
                       std::int64_t lifetime_s, const Here& here);
  /// The same rights for as long again. `forbidden` where an issuer's token was shown, or a certificate;
  /// `busy` where that was done five times within five minutes, or within five halves of a short lifetime.
  Result<Issued> refresh(const Principal& who, const Here& here, Instant now);
  /// Revokes what has that id. A token: it is void, and so is what `refresh` made of it. A key: all that it
  /// has signed is void. Any other id is taken for an issuer's token. Our own key is replaced; if the old one
  /// had signed `by`'s token, the token that is returned takes its place. `whose`: who has shown the issuer's
  /// token, where that is known; it tells how long the refusal must be remembered. Errors: `notFound` where
  /// there are no issuers either, and those of `issue`; `forbidden` where `by` would get one that has ended.
  Result<std::optional<Issued>> revoke(std::string_view id, const Principal& by, const Here& here,
                                       const Principal* whose = nullptr);
  /// Whether the principal's credential is worth nothing any more (not whether its time is up).
  bool is_revoked(const Principal& who) const;

  /// Stands for `who` at one handshake; see `Tickets`.
  Result<FixedText<43>> make_ticket(const Principal& who, Instant now) {
    return tickets_.make(who, now, random_);
  }
  void forget_tickets_of(std::string_view certificate) { tickets_.forget_certified(certificate); }
  /// Errors: `unauthenticated`, also where what it was made for is worth nothing any more.
  Result<Principal> redeem(std::string_view ticket, Instant now);

  /// As `Grants` has them.
  bool is_changed() const { return grants_.is_changed(); }
  bool is_saving() const { return grants_.is_saving(); }
  void save(Instant now) { grants_.save(now); }
  std::optional<Result<void>> step(Instant now);
  Instant next() const { return grants_.next(); }

  std::span<const Grant> grants() const { return grants_.all(); }
  const KeyId& key_id() const { return grants_.key_id(); }

  /// The secret by which a session of that name can be resumed: HMAC-SHA-256 (RFC 2104) under a secret of
  /// this run. The name must tell run, session and principal apart from all others.
  FixedText<kSecretCharacters> of_session(std::string_view name) const;
  bool is_of_session(std::string_view name, std::string_view token) const;

 private:
  /// Of what they showed; nullptr where that was not given out here: an issuer's ids may be like ours.
  const Grant* grant_behind(const Principal& who) const;
  /// The key of that id, if its tokens are taken: ours or an issuer's; nullptr otherwise.
  const PublicKey* find_key(std::string_view id) const;
  Result<void> check_signature(const Jwt& jwt, const PublicKey& key, std::string_view token);
  Result<Issued> sign(const Grant& grant, const SigningKey& key, const Here& here);
  Result<Issued> hand_out(const Grant& grant, const Here& here,
                          Grants::WhenFull when_full = Grants::WhenFull::refuse);
  Result<std::optional<Issued>> replace_key(const Principal& by, const Here& here);
  Result<Grant> make_grant(std::string_view name, const Scope& scope, std::int64_t lifetime_s, WallTime now);

  Random random_;
  Grants grants_;
  Issuers issuers_;
  ClaimCode code_;
  Tickets tickets_;
  hal::Store* store_ = nullptr;
  std::int64_t earliest_s_ = 0;
  std::array<unsigned char, 32> run_secret_{};
  /// Digests of tokens whose signature was found right: clients come back in swarms, and the curve is slow.
  std::array<Sha256, Grants::kGrantsMax> verified_{};
  std::size_t verified_next_ = 0;
  std::array<char, kTokenBytesMax> text_{};
  bool has_issuers_ = false;
  bool reopened_ = false;
  bool claiming_ = false;  ///< a claim is not saved yet
  bool open_ = false;
};

}  // namespace signalbox::trust
