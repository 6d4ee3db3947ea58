#include "trust/grants.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "base/log.hpp"
#include "mbedtls/platform_util.h"
#include "protocol/json_check.hpp"
#include "protocol/json_reader.hpp"
#include "protocol/json_writer.hpp"
#include "trust/base64url.hpp"
#include "trust/jwt.hpp"

namespace signalbox::trust {
namespace {

using protocol::JsonReader;
using protocol::JsonWriter;

constexpr std::string_view kTokensRecord = "tokens";
constexpr std::int64_t kNumberMax = std::int64_t{1} << 53U;
constexpr std::array<std::string_view, 3> kKinds{"token", "foreignToken", "foreignKey"};

Result<Grant> read_grant(const JsonReader& entry) {
  Grant grant;
  const Result<std::size_t> kind = entry.choice("kind", kKinds);
  if (!kind) return kind.error();
  grant.kind = static_cast<Grant::Kind>(*kind);
  const Result<std::string_view> id = entry.text("id", grant.id.capacity);
  if (!id) return id.error();
  grant.id = *id;
  const auto key = entry.optional_text("signedBy", grant.key.capacity);
  if (!key) return key.error();
  grant.key = key->value_or("");
  const auto name = entry.optional_text("name", grant.name.capacity);
  if (!name) return name.error();
  grant.name = name->value_or("");
  const auto words = entry.optional_text("scope", Scope::kBytesMax);
  if (!words) return words.error();
  const Result<Scope> scope = words->has_value() ? Scope::parse(**words) : Result<Scope>{Scope{}};
  if (!scope) return scope.error();
  grant.scope = *scope;
  for (const auto& [member, into] :
       {std::pair{"issued", &grant.issued_s}, std::pair{"expires", &grant.expires_s},
        std::pair{"lifetime", &grant.lifetime_s}}) {
    const Result<std::int64_t> number = entry.integer(member, 0, kNumberMax);
    if (!number) return number.error();
    *into = *number;
  }
  const Result<bool> revoked = entry.flag("revoked");
  if (!revoked) return revoked.error();
  grant.revoked = *revoked;
  return grant;
}

void write_grant(JsonWriter& writer, const Grant& grant) {
  writer.begin_object().key("kind").text(kKinds[static_cast<std::size_t>(grant.kind)]);
  writer.key("id").text(grant.id);
  writer.member_unless_empty("signedBy", grant.key);
  writer.member_unless_empty("name", grant.name);
  writer.member_unless_empty("scope", grant.scope.text());
  writer.key("issued").integer(grant.issued_s);
  writer.key("expires").integer(grant.expires_s);
  writer.key("lifetime").integer(grant.lifetime_s);
  if (grant.revoked) writer.key("revoked").boolean(true);
  writer.end_object();
}

/// Places become free as tokens end or are revoked.
constexpr std::uint32_t kFullRetry_ms = 1000;

std::size_t places_of(Grant::Kind kind) {
  constexpr std::array kPlacesOf{Grants::kGrantsMax, Grants::kTokensRefusedMax, Grants::kKeysRefusedMax};
  return kPlacesOf[static_cast<std::size_t>(kind)];
}

Error full(Grant::Kind kind) {
  const std::size_t places = places_of(kind);
  if (kind == Grant::Kind::token)
    return {Reason::overloaded,
            format_text<95>("all %zu tokens that can be given out are in use; revoke one", places),
            {},
            kFullRetry_ms};
  if (kind == Grant::Kind::foreign_token)
    return {Reason::overloaded,
            format_text<127>("%zu tokens of issuers are revoked and have not ended, which is all that can "
                             "be; revoke the issuer's key",
                             places),
            {},
            kFullRetry_ms};
  return {Reason::overloaded,
          format_text<127>("%zu keys of issuers are revoked, which is all that can be; take it out of the "
                           "file of --issuer",
                           places),
          {},
          kFullRetry_ms};
}

Error damaged(const Error& error) {
  if (error.reason == Reason::overloaded) return error;
  return {Reason::malformed,
          format_text<223>(
              "record `tokens` is damaged (%s%s%s); bring it back, or remove it: then all tokens "
              "are worth nothing and the device can be claimed anew",
              error.field.c_str(), error.field.empty() ? "" : " ", FixedText<79>{error.detail}.c_str()),
          kTokensRecord};
}

}  // namespace

Result<void> Grants::open(hal::Store& store, Random& random) {
  store_ = &store;
  const Result<std::size_t> size = store.read(kTokensRecord, record_);
  if (size) {
    const Result<void> taken = take({record_.data(), *size}, random);
    mbedtls_platform_zeroize(record_.data(), *size);
    return taken ? taken : damaged(taken.error());
  }
  if (size.error().reason == Reason::too_big) return damaged(size.error());
  if (size.error().reason != Reason::not_found) return size.error();
  const Result<void> made = now_.key.make(random);
  if (!made) return made;
  now_.key_id = id_of(now_.key.public_key());
  saved_.take_over(now_);
  const Result<std::string_view> record = write_record();
  SIGNALBOX_CHECK(record.has_value());  // without a token there is room enough
  const Result<void> written = store.write(kTokensRecord, *record);
  wipe_record();
  return written;
}

void Grants::State::use(const SigningKey& its) {
  key.replace(its);
  key_id = id_of(key.public_key());
}

void Grants::State::take_over(const State& other) {
  key.replace(other.key);
  key_id = other.key_id;
  claimed = other.claimed;
  grants = other.grants;
  count = other.count;
}

Result<void> Grants::take(std::string_view record, Random& random) {
  const Result<JsonDocument> document = protocol::parse_json(record);
  if (!document) return document.error();
  const JsonReader reader{document->top(), ""};
  const Result<std::string_view> secret = reader.text("key", base64url_characters(SigningKey::kBytes));
  if (!secret) return secret.error();
  std::array<unsigned char, SigningKey::kBytes> bytes{};
  const Result<std::size_t> size = read_base64url(*secret, bytes);
  if (!size) return reader.error(Reason::malformed, "key", size.error().detail);
  const Result<void> taken = now_.key.take(std::span{bytes}.first(*size), random);
  mbedtls_platform_zeroize(bytes.data(), bytes.size());
  if (!taken) return reader.error(taken.error().reason, "key", taken.error().detail);
  now_.key_id = id_of(now_.key.public_key());
  const Result<bool> claimed = reader.flag("claimed");
  if (!claimed) return claimed.error();
  const Result<std::size_t> count = reader.list("tokens", 0, kPlaces);
  if (!count) return count.error();
  for (std::size_t i = 0; i < *count; ++i) {
    const Result<JsonReader> entry = reader.object_at("tokens", i);
    if (!entry) return entry.error();
    const Result<Grant> grant = read_grant(*entry);
    if (!grant) return grant.error();
    now_.grants[i] = *grant;
  }
  now_.claimed = *claimed;
  now_.count = *count;
  saved_.take_over(now_);
  return {};
}

/// Into `record_`, which has secrets from then on.
Result<std::string_view> Grants::write_record() {
  std::array<char, base64url_characters(SigningKey::kBytes)> secret{};
  JsonWriter writer{record_};
  writer.begin_object().key("key").text(write_base64url(now_.key.bytes(), secret));
  writer.key("claimed").boolean(now_.claimed).key("tokens").begin_array();
  for (const Grant& grant : all()) write_grant(writer, grant);
  writer.end_array().end_object();
  mbedtls_platform_zeroize(secret.data(), secret.size());
  record_used_ = writer.fits() ? writer.written().size() : record_.size();
  if (!writer.fits())
    return Error{Reason::overloaded, "no room to remember one more token; revoke one", {}, kFullRetry_ms};
  return writer.written();
}

void Grants::wipe_record() { mbedtls_platform_zeroize(record_.data(), record_used_); }

Result<void> Grants::check_fits() {
  const Result<std::string_view> record = write_record();
  wipe_record();
  return record ? Result<void>{} : record.error();
}

void Grants::save(Instant now) {
  SIGNALBOX_CHECK(!is_saving());
  const Result<std::string_view> record = write_record();
  SIGNALBOX_CHECK(record.has_value());  // each change was looked at
  store_->poll(now);                    // it learns the time
  operation_.name = kTokensRecord;
  operation_.record = *record;
  store_->save(operation_);
  wipe_record();
  changed_ = false;
  silent_at_ = now + kSilentMax;
}

std::optional<Result<void>> Grants::step(Instant now) {
  if (!is_saving()) return std::nullopt;
  store_->poll(now);
  if (operation_.completion == hal::Completion::pending) {
    if (now < silent_at_) return std::nullopt;
    log(Severity::error, "tokens: the store is silent; who changes them waits until it is not");
    silent_at_ = kNever;
    return std::nullopt;
  }
  const bool done = operation_.completion == hal::Completion::done;
  operation_.completion = hal::Completion::idle;
  if (!done) {
    now_.take_over(saved_);
    return Error{Reason::failed, operation_.why};
  }
  saved_.take_over(now_);
  return Result<void>{};
}

Instant Grants::next() const {
  if (!is_saving()) return kNever;
  return operation_.completion == hal::Completion::pending ? std::min(store_->next(), silent_at_) : Instant{};
}

const Grant* Grants::find(Grant::Kind kind, std::string_view id) const {
  const auto grants = all();
  const auto found = std::find_if(grants.begin(), grants.end(), [&](const Grant& grant) {
    return grant.kind == kind && grant.id.view() == id;
  });
  return found == grants.end() ? nullptr : &*found;
}

std::int64_t Grants::latest_s() const {
  std::int64_t latest = 0;
  for (const Grant& grant : all()) latest = std::max(latest, grant.issued_s);
  return latest;
}

void Grants::set_back(std::int64_t now_s) {
  for (Grant& grant : std::span{now_.grants}.first(now_.count)) {
    const std::int64_t ahead_s = std::max(grant.issued_s - now_s, std::int64_t{0});
    grant.issued_s -= ahead_s;
    grant.expires_s -= ahead_s;
  }
}

bool Grants::is_needed(const Grant& kept, std::int64_t now_s) const {
  if (kept.expires_s <= now_s) return false;
  if (kept.kind == Grant::Kind::token) return !kept.revoked;
  return kept.kind == Grant::Kind::foreign_key || find(Grant::Kind::foreign_key, kept.key) == nullptr;
}

std::size_t Grants::place_for(const Grant& grant, std::int64_t now_s) const {
  if (const Grant* same = find(grant.kind, grant.id); same != nullptr)
    return static_cast<std::size_t>(same - now_.grants.data());
  const auto grants = all();
  const auto of_its_kind =
      std::count_if(grants.begin(), grants.end(), [&](const Grant& kept) { return kept.kind == grant.kind; });
  if (static_cast<std::size_t>(of_its_kind) < places_of(grant.kind) && now_.count < kPlaces)
    return now_.count;
  const auto over = std::find_if(grants.begin(), grants.end(), [&](const Grant& kept) {
    return kept.kind == grant.kind && !is_needed(kept, now_s);
  });
  return over == grants.end() ? kPlaces : static_cast<std::size_t>(over - grants.begin());
}

Result<void> Grants::keep(const Grant& grant, std::int64_t now_s, WhenFull when_full) {
  SIGNALBOX_CHECK(!is_saving());
  auto& grants = now_.grants;
  std::size_t place = place_for(grant, now_s);
  if (place == kPlaces && when_full == WhenFull::replace) {
    const auto kept = all();
    const auto first = std::min_element(kept.begin(), kept.end(), [](const Grant& a, const Grant& b) {
      return std::pair{a.kind, a.expires_s} < std::pair{b.kind, b.expires_s};  // tokens before refusals
    });
    if (first->kind == grant.kind) place = static_cast<std::size_t>(first - kept.begin());
  }
  if (place == kPlaces) return full(grant.kind);
  const Grant before = grants[place];
  const std::size_t count = now_.count;
  grants[place] = grant;
  now_.count = std::max(count, place + 1);
  const Result<void> fits = check_fits();
  if (!fits) {
    grants[place] = before;
    now_.count = count;
    return fits;
  }
  now_.claimed = changed_ = true;
  return {};
}

Result<void> Grants::start_over(const SigningKey& key, const std::optional<Grant>& first,
                                std::int64_t now_s) {
  SIGNALBOX_CHECK(!is_saving());
  std::bitset<kPlaces> stood;
  for (std::size_t i = 0; i < now_.count; ++i)
    stood[i] = now_.grants[i].kind == Grant::Kind::token && !now_.grants[i].revoked;
  const auto revoke = [&](bool revoked) {
    for (std::size_t i = 0; i < kPlaces; ++i)
      if (stood[i]) now_.grants[i].revoked = revoked;
  };
  SigningKey old;
  old.replace(now_.key);
  now_.use(key);
  revoke(true);
  const Result<void> kept = first ? keep(*first, now_s) : check_fits();
  if (kept) {
    changed_ = true;
    return kept;
  }
  now_.use(old);
  revoke(false);
  return kept;
}

}  // namespace signalbox::trust
