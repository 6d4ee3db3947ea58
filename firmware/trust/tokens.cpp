#include "trust/tokens.hpp"

#include <algorithm>
#include <chrono>

#include "base/check.hpp"
#include "base/log.hpp"
#include "mbedtls/md.h"
#include "mbedtls/platform_util.h"
#include "trust/base64url.hpp"
#include "trust/same_secret.hpp"

namespace signalbox::trust {
namespace {

constexpr std::string_view kReopenRecord = "reopen-claim";
constexpr std::string_view kCodeRecord = "claim-code";
constexpr std::int64_t kClaimLifetime_s = 365 * Tokens::kDay_s;
/// Clocks are put right by less than that.
constexpr std::int64_t kClockStepMax_s = Tokens::kDay_s;
/// Each renewal is a write to the store, which anybody with a credential could ask for without end.
/// So each is worth a minute, or half of a short life, which could end before; and five may be done at once.
constexpr std::int64_t kRenewal_s = 60;
constexpr std::uint32_t kRenewalsAtOnce = 5;

std::int64_t seconds(WallTime wall) { return wall.unix_ms / 1000; }

Error unauthenticated(std::string_view detail) { return {Reason::unauthenticated, detail}; }

/// The grant's id, which stands before the dot.
std::string_view grant_of(std::string_view token_id) { return token_id.substr(0, token_id.find('.')); }

/// `2026-11-28 14:02:23 UTC`
FixedText<31> date(std::int64_t unix_s) {
  const std::chrono::sys_seconds moment{std::chrono::seconds{unix_s}};
  const std::chrono::sys_days midnight = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day day{midnight};
  const std::chrono::hh_mm_ss time{moment - midnight};
  return format_text<31>("%04d-%02u-%02u %02d:%02d:%02d UTC", static_cast<int>(day.year()),
                         static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()),
                         static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                         static_cast<int>(time.seconds().count()));
}

Result<void> check_time(std::int64_t expires_s, std::int64_t not_before_s, std::int64_t now_s) {
  if (now_s >= expires_s)
    return unauthenticated(format_text<95>("the token expired on %s", date(expires_s).c_str()));
  if (now_s < not_before_s)
    return unauthenticated(format_text<95>("the token is not valid before %s", date(not_before_s).c_str()));
  return {};
}

}  // namespace

Tokens::~Tokens() {
  mbedtls_platform_zeroize(run_secret_.data(), run_secret_.size());
  mbedtls_platform_zeroize(text_.data(), text_.size());
}

Result<void> Tokens::open(hal::Store& store, hal::Entropy& entropy, const Setup& setup) {
  store_ = &store;
  earliest_s_ = setup.earliest_s;
  has_issuers_ = !setup.issuers.empty();
  Result<void> step = random_.seed(entropy);
  if (!step) return step;
  SIGNALBOX_CHECK(random_.fill(run_secret_));  // it was seeded just now
  step = grants_.open(store, random_);
  if (step) step = issuers_.read(setup.issuers);
  if (!step) return step;
  const Result<bool> asked = store.has(kReopenRecord);
  if (!asked)
    return Error{asked.error().reason,
                 format_text<223>("%.150s; expected an empty file, or none", asked.error().detail.c_str())};
  reopened_ = *asked;
  if (!grants_.is_claimed() || reopened_) step = code_.make(random_);
  open_ = step.has_value();
  return step;
}

Result<void> Tokens::read_clock(WallTime now) const {
  const std::int64_t latest_s = reopened_ ? 0 : grants_.latest_s();
  const bool is_behind = seconds(now) < latest_s - kClockStepMax_s;
  if (seconds(now) >= earliest_s_ && !is_behind) return {};
  FixedText<159> more;
  if (is_behind)
    more = format_text<159>(
        "; it was %s once: if wrongly so, put an empty file `reopen-claim` in the state directory "
        "and restart",
        date(latest_s).c_str());
  return Error{Reason::offline,
               format_text<223>("the device's clock is not set: it reads %s; tokens count once it is right%s",
                                date(seconds(now)).c_str(), more.c_str()),
               {},
               5000};
}

const PublicKey* Tokens::find_key(std::string_view id) const {
  return id == grants_.key_id().view() ? &grants_.key().public_key() : issuers_.find(id);
}

FixedText<31> Tokens::account_of(std::string_view token) const {
  const Result<Jwt> jwt = read_jwt(token, {});
  return jwt && open_ && find_key(jwt->key) != nullptr ? jwt->claims.name : FixedText<31>{};
}

Result<Principal> Tokens::check(std::string_view token, const Here& here) {
  if (!open_) return unauthenticated("this device takes no tokens");
  const Result<Jwt> jwt = read_jwt(token, here.device);
  if (!jwt) return jwt.error();
  const bool is_ours = jwt->key == grants_.key_id();
  const PublicKey* key = find_key(jwt->key);
  if (key == nullptr) return unauthenticated("no token of this device: an unknown key has signed it (kid)");
  const Claims& claims = jwt->claims;
  const std::string_view id = is_ours ? grant_of(claims.id) : claims.id.view();
  // The cheap question first: whoever knows no token that stands costs no signature.
  const Grant* grant = is_ours ? grants_.find(Grant::Kind::token, id) : nullptr;
  if (is_ours && grant == nullptr) return unauthenticated("no token that this device stands for (jti)");
  const Result<void> is_right = check_signature(*jwt, *key, token);
  if (!is_right) return is_right.error();
  if (!claims.is_for_device)
    return unauthenticated("the token is for another device: expected this device's id in `aud`");
  const Result<void> clock = read_clock(here.now);
  if (!clock) return clock.error();
  Principal principal{claims.name, claims.scope, id, jwt->key, claims.expires_s};
  if (grant != nullptr)  // as it was given out, whatever a key that leaked has signed
    principal = {grant->name, grant->scope, id, jwt->key, std::min(claims.expires_s, grant->expires_s)};
  const Result<void> in_time = check_time(principal.expires_s, claims.not_before_s, seconds(here.now));
  if (!in_time) return in_time.error();
  if (!is_ours && claims.expires_s - claims.issued_s > kForeignLifetimeMax_s)
    return unauthenticated("the token is valid for too long: expected `exp` at most 31 days after `iat`");
  if (!is_ours && claims.issued_s > seconds(here.now) + kIssuerAhead_s)
    return unauthenticated(format_text<127>(
        "the token was made on %s, which is in the future here: is the issuer's clock right?",
        date(claims.issued_s).c_str()));
  if (is_revoked(principal)) return unauthenticated("the token was revoked");
  return principal;
}

Result<void> Tokens::check_signature(const Jwt& jwt, const PublicKey& key, std::string_view token) {
  const Sha256 digest = sha256(token);
  if (std::find(verified_.begin(), verified_.end(), digest) != verified_.end()) return {};
  const Result<bool> is_right = is_signed(key, jwt.signed_text, jwt.signature);
  if (!is_right) return is_right.error();
  if (!*is_right) return unauthenticated("the token was changed: its signature is not that of its key");
  verified_[verified_next_] = digest;
  verified_next_ = (verified_next_ + 1) % verified_.size();
  return {};
}

const Grant* Tokens::grant_behind(const Principal& who) const {
  return who.key == grants_.key_id() ? grants_.find(Grant::Kind::token, who.credential) : nullptr;
}

bool Tokens::is_revoked(const Principal& who) const {
  if (who.key.empty()) return false;  // no token let them in
  if (who.key == grants_.key_id()) {
    const Grant* grant = grant_behind(who);
    return grant == nullptr || grant->revoked;
  }
  return issuers_.find(who.key) == nullptr || grants_.find(Grant::Kind::foreign_key, who.key) != nullptr ||
         grants_.find(Grant::Kind::foreign_token, who.credential) != nullptr;
}

Result<void> Tokens::keep_claim_code(bool wanted) {
  if (wanted && !code_.text().empty())
    return store_->write(kCodeRecord, format_text<15>("%s\n", code_.text().c_str()));
  const Result<void> removed = store_->remove(kCodeRecord);
  return removed || removed.error().reason == Reason::not_found ? Result<void>{} : removed;
}

Result<void> Tokens::check_claim(std::string_view code) {
  const Result<void> right = code_.check(code);
  if (right && claiming_) return Error{Reason::busy, "somebody is just claiming it", {}, 100};
  return right;
}

Result<Tokens::Issued> Tokens::claim(std::string_view code, std::string_view name, const Here& here) {
  const Result<void> right = check_claim(code);
  if (!right) return right.error();
  const Result<Grant> grant = make_grant(name, Scope{Role::admin}, kClaimLifetime_s, here.now);
  if (!grant) return grant.error();
  if (reopened_) grants_.set_back(seconds(here.now));
  const Result<Issued> issued = hand_out(*grant, here, Grants::WhenFull::replace);
  claiming_ = issued.has_value();
  return issued;
}

std::optional<Result<void>> Tokens::step(Instant now) {
  const auto ended = grants_.step(now);
  if (!ended) return ended;
  if (claiming_ && *ended) {
    code_.forget();
    reopened_ = false;
    (void)store_->remove_soon(kCodeRecord);  // it is worth nothing any more
    const Result<void> removed = store_->remove_soon(kReopenRecord);
    if (!removed && removed.error().reason != Reason::not_found)
      log(Severity::error, "%s; remove it, or the next start lets the device be claimed once more",
          removed.error().detail.c_str());
  }
  claiming_ = false;
  return ended;
}

Result<Tokens::Issued> Tokens::issue(const Principal& by, std::string_view name, const Scope& scope,
                                     std::int64_t lifetime_s, const Here& here) {
  if (!by.scope.covers(scope))
    return Error{Reason::forbidden,
                 format_text<223>("nobody gives out more than they have, which is: %s",
                                  FixedText<159>{by.scope.text()}.c_str()),
                 "payload.scope"};
  Result<Grant> grant = make_grant(name, scope, lifetime_s, here.now);
  if (!grant) return grant.error();
  grant->expires_s = std::min(grant->expires_s, by.expires_s);
  // Who cannot renew what they have gives out nothing that can be; who can, nothing that lasts longer.
  const Grant* theirs = grant_behind(by);
  const bool can_renew =
      theirs != nullptr ? theirs->lifetime_s > 0 : by.expires_s == Principal::kNeverExpires;
  grant->lifetime_s = can_renew ? grant->expires_s - grant->issued_s : 0;
  return hand_out(*grant, here);
}

Result<Tokens::Issued> Tokens::refresh(const Principal& who, const Here& here, Instant now) {
  const Grant* known = grant_behind(who);
  if (known == nullptr)
    return Error{Reason::forbidden,
                 "this credential was not given out here; get another one from where it was"};
  if (known->lifetime_s == 0)
    return Error{Reason::forbidden,
                 "given out by somebody whose own credential ends then; get another one from them"};
  const std::int64_t now_s = seconds(here.now);
  Grant grant = *known;
  const auto worth_s =
      static_cast<std::uint32_t>(std::clamp<std::int64_t>(grant.lifetime_s / 2, 1, kRenewal_s));
  const Rate rate{.per_s = 1, .burst = kRenewalsAtOnce * worth_s};
  if (const Duration early = grant.renewals.take(rate, now, worth_s); early > Duration{})
    return Error{Reason::busy,
                 "it was renewed several times just now",
                 {},
                 static_cast<std::uint32_t>(to_ms(early) + 1)};
  grant.expires_s = now_s + grant.lifetime_s;
  grant.issued_s = now_s;
  return hand_out(grant, here);
}

Result<Grant> Tokens::make_grant(std::string_view name, const Scope& scope, std::int64_t lifetime_s,
                                 WallTime now) {
  if (!is_valid_name(name))
    return Error{Reason::malformed, "found a control, quote or backslash; expected 1 to 31 bytes without any",
                 "payload.name"};
  std::array<unsigned char, 12> id{};
  if (!random_.fill(id)) return Error{Reason::failed, "no good randomness for a token"};
  std::array<char, base64url_characters(id.size())> text{};
  Grant grant;
  grant.id = write_base64url(id, text);
  grant.name = name;
  grant.scope = scope;
  grant.issued_s = seconds(now);
  grant.lifetime_s = lifetime_s;
  grant.expires_s = grant.issued_s + lifetime_s;
  return grant;
}

Result<Tokens::Issued> Tokens::sign(const Grant& grant, const SigningKey& key, const Here& here) {
  if (!open_) return Error{Reason::unauthenticated, "this device gives out no tokens"};
  const Result<void> clock = read_clock(here.now);
  if (!clock) return clock.error();
  const KeyId key_id = id_of(key.public_key());
  Claims claims;
  claims.name = grant.name;
  claims.scope = grant.scope;
  claims.id = format_text<43>("%.29s.%lld", grant.id.c_str(), static_cast<long long>(grant.issued_s));
  claims.issued_s = grant.issued_s;
  claims.expires_s = grant.expires_s;
  const Result<std::string_view> token = write_jwt(claims, here.device, key_id, key, random_, text_);
  if (!token) return token.error();
  return Issued{{grant.name, grant.scope, grant.id, key_id, grant.expires_s}, *token};
}

Result<Tokens::Issued> Tokens::hand_out(const Grant& grant, const Here& here, Grants::WhenFull when_full) {
  const Result<Issued> issued = sign(grant, grants_.key(), here);
  if (!issued) return issued;
  const Result<void> kept = grants_.keep(grant, seconds(here.now), when_full);
  return kept ? issued : kept.error();
}

Result<std::optional<Tokens::Issued>> Tokens::revoke(std::string_view id, const Principal& by,
                                                     const Here& here, const Principal* whose) {
  if (id == grants_.key_id().view()) return replace_key(by, here);
  Grant grant;
  grant.issued_s = seconds(here.now);
  if (const Grant* known = grants_.find(Grant::Kind::token, grant_of(id))) {
    grant = *known;
  } else if (issuers_.find(id) != nullptr) {
    grant.kind = Grant::Kind::foreign_key;
    grant.id = id;
    grant.expires_s = std::int64_t{1} << 52U;  // as long as the record lasts
  } else if (has_issuers_ && !id.empty() && id.size() <= grant.id.capacity) {
    grant.kind = Grant::Kind::foreign_token;
    grant.id = id;
    grant.key = whose != nullptr ? whose->key : issuers_.only();
    grant.expires_s = grant.issued_s + kIssuerAhead_s + kForeignLifetimeMax_s;
    if (whose != nullptr) grant.expires_s = std::min(grant.expires_s, whose->expires_s);
  } else {
    return Error{Reason::not_found, "no token of that id was given out; tokens lists them", "payload.id"};
  }
  grant.revoked = true;
  const Result<void> kept = grants_.keep(grant, seconds(here.now));
  if (!kept) return kept.error();
  return std::optional<Issued>{};
}

Result<std::optional<Tokens::Issued>> Tokens::replace_key(const Principal& by, const Here& here) {
  std::optional<Grant> first;
  if (const Grant* known = grant_behind(by)) {
    const Result<Grant> grant = make_grant(by.name, by.scope, known->lifetime_s, here.now);
    if (!grant) return grant.error();
    first = *grant;
    first->expires_s = by.expires_s;  // also where it cannot be renewed, and so has no lifetime
    if (first->expires_s <= first->issued_s)
      return Error{Reason::forbidden,
                   "the token you would get instead of yours has ended already; get another one first"};
  }
  SigningKey key;
  const Result<void> made = key.make(random_);
  if (!made) return made.error();
  std::optional<Issued> issued;
  if (first) {
    const Result<Issued> signed_now = sign(*first, key, here);
    if (!signed_now) return signed_now.error();
    issued = *signed_now;
  }
  const Result<void> begun = grants_.start_over(key, first, seconds(here.now));
  if (!begun) return begun.error();
  verified_ = {};
  return issued;
}

Result<Principal> Tokens::redeem(std::string_view ticket, Instant now) {
  const Result<Principal> who = tickets_.redeem(ticket, now);
  if (who && is_revoked(*who)) return unauthenticated("the token behind this ticket was revoked");
  return who;
}

FixedText<kSecretCharacters> Tokens::of_session(std::string_view name) const {
  std::array<unsigned char, 32> mac{};
  const int failed =
      mbedtls_md_hmac(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), run_secret_.data(), run_secret_.size(),
                      reinterpret_cast<const unsigned char*>(name.data()), name.size(), mac.data());
  if (!open_ || failed != 0) return {};  // no session can be resumed without
  std::array<char, kSecretCharacters> text{};
  return write_base64url(mac, text);
}

bool Tokens::is_of_session(std::string_view name, std::string_view token) const {
  return same_secret(of_session(name), token);
}

}  // namespace signalbox::trust
