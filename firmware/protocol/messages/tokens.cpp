#include "protocol/messages/tokens.hpp"

#include <limits>

#include "protocol/json_reader.hpp"
#include "protocol/json_writer.hpp"

namespace signalbox::protocol {
namespace {

constexpr std::int64_t kDay_s = 86'400;
constexpr std::int64_t kLifetimeMin_s = 60;
constexpr std::int64_t kLifetimeMax_s = 366 * kDay_s;
constexpr std::int64_t kLifetimeUsual_s = 30 * kDay_s;
/// What is still to come behind the tokens: `],"key":"…","next":4294967295}` and the message's own end.
constexpr std::size_t kTokensEndBytes = 128;

/// Unix time in milliseconds, as all times on the wire.
std::int64_t to_wire(std::int64_t unix_s) { return unix_s * 1000; }

Result<Scope> read_scope(const JsonReader& payload) {
  const Result<std::string_view> words = payload.text("scope", Scope::kBytesMax);
  if (!words) return words.error();
  const Result<Scope> scope = Scope::parse(*words);
  return scope ? scope : payload.error(scope.error().reason, "scope", scope.error().detail);
}

void write_patterns(JsonWriter& writer, std::string_view name, const Scope& scope, Right right) {
  if (!scope.may(right)) return;
  writer.key(name).begin_array();
  scope.each_pattern(right, [&](std::string_view pattern) { writer.text(pattern); });
  writer.end_array();
}

void write_who(JsonWriter& writer, const Principal& who) {
  writer.key("name").text(who.name);
  writer.key("role").word(wire_name(who.scope.role()));
  writer.key("scope").text(who.scope.text());
  writer.member_unless_empty("id", who.credential);
  if (who.expires_s != Principal::kNeverExpires) writer.key("expires").integer(to_wire(who.expires_s));
}

void write_token(JsonWriter& writer, const ListedToken& token) {
  writer.begin_object().key("kind").text(token.kind).key("id").text(token.id);
  writer.member_unless_empty("name", token.name);
  writer.member_unless_empty("scope", token.scope);
  writer.key("issued").integer(to_wire(token.issued_s));
  if (token.kind != "foreignKey") writer.key("expires").integer(to_wire(token.expires_s));
  writer.key("revoked").boolean(token.revoked).end_object();
}

}  // namespace

Result<AskWhoAmI> read_whoami(const JsonReader&) { return AskWhoAmI{}; }

Result<RefreshToken> read_refresh_token(const JsonReader&) { return RefreshToken{}; }

Result<AskTicket> read_ticket(const JsonReader&) { return AskTicket{}; }

Result<IssueToken> read_issue_token(const JsonReader& payload) {
  IssueToken asked;
  const Result<std::string_view> name = payload.text("name", asked.name.capacity);
  if (!name) return name.error();
  const Result<Scope> scope = read_scope(payload);
  if (!scope) return scope.error();
  const auto lifetime = payload.optional_integer("lifetimeS", kLifetimeMin_s, kLifetimeMax_s);
  if (!lifetime) return lifetime.error();
  asked.name = *name;
  asked.scope = *scope;
  asked.lifetime_s = lifetime->value_or(kLifetimeUsual_s);
  return asked;
}

Result<AskTokens> read_tokens(const JsonReader& payload) {
  const auto after = payload.optional_integer("after", 0, std::numeric_limits<std::uint32_t>::max());
  if (!after) return after.error();
  return AskTokens{static_cast<std::uint32_t>(after->value_or(0))};
}

Result<RevokeToken> read_revoke_token(const JsonReader& payload) {
  const Result<std::string_view> id = payload.text("id", decltype(Principal::credential)::capacity);
  if (!id) return id.error();
  return RevokeToken{*id};
}

void write_rights(JsonWriter& writer, const Principal& principal) {
  writer.key("rights").begin_object();
  write_patterns(writer, "read", principal.scope, Right::read);
  write_patterns(writer, "control", principal.scope, Right::control);
  writer.key("administer").boolean(principal.may(Right::administer));
  writer.end_object();
}

void write_payload(JsonWriter& writer, const WhoAmI&, const Principal& principal) {
  writer.begin_object();
  write_who(writer, principal);
  write_rights(writer, principal);
  writer.end_object();
}

void write_payload(JsonWriter& writer, const TokenMade& made) {
  writer.begin_object().key("token").text(made.token);
  if (made.whose != nullptr) write_who(writer, *made.whose);
  writer.end_object();
}

void write_payload(JsonWriter& writer, const TicketMade& made) {
  writer.begin_object().key("ticket").text(made.ticket);
  writer.key("validMs").integer(made.valid_ms).end_object();
}

void write_payload(JsonWriter& writer, const TokenPage& page) {
  SIGNALBOX_CHECK(page.list != nullptr);
  writer.begin_object().key("tokens").begin_array();
  std::uint32_t place = page.after;
  std::optional<ListedToken> token = page.list->from(place);
  for (bool any = false; token && writer.fits(); any = true) {
    const JsonWriter::Mark before = writer.mark();
    write_token(writer, *token);
    if (writer.room() < kTokensEndBytes && any) {
      writer.back_to(before);
      break;
    }
    place = token->place + 1;
    token = page.list->from(place);
  }
  writer.end_array().key("key").text(page.list->key());
  if (token) writer.key("next").integer(place);
  writer.end_object();
}

}  // namespace signalbox::protocol
