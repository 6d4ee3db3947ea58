#include "trust/jwt.hpp"

#include <cstdint>
#include <limits>

#include "base/check.hpp"
#include "base/utf8.hpp"
#include "protocol/json_check.hpp"
#include "protocol/json_reader.hpp"
#include "protocol/json_writer.hpp"
#include "trust/base64url.hpp"

namespace signalbox::trust {
namespace {

using protocol::JsonReader;
using protocol::JsonWriter;

constexpr std::int64_t kSecondsMax = 253'402'300'799;  // the last of the year 9999
constexpr std::size_t kAudiencesMax = 8;
constexpr std::size_t kHeaderBytesMax = 255;

/// What a wrong token is answered; where it is at fault is said in words, since it has no place in the
/// message.
Error wrong(std::string_view part, const Error& error) {
  if (error.reason == Reason::overloaded) return error;
  return {Reason::unauthenticated,
          format_text<223>("the token's %.*s: %s%s%s", length(part), part.data(), error.field.c_str(),
                           error.field.empty() ? "" : " ", error.detail.c_str())};
}

Error no_token(std::string_view detail) { return {Reason::unauthenticated, detail}; }

/// One of the token's two JSON objects, in `into`.
Result<JsonDocument> read_part(std::string_view text, std::span<unsigned char> into) {
  const Result<std::size_t> size = read_base64url(text, into);
  if (!size) return size.error();
  return protocol::parse_json({reinterpret_cast<const char*>(into.data()), *size});
}

Result<void> read_header(const JsonReader& header, Jwt& jwt) {
  const Result<std::string_view> algorithm = header.text("alg", 31);
  if (!algorithm) return algorithm.error();
  if (*algorithm != "ES256")
    return header.error(Reason::malformed, "alg", protocol::found_instead(*algorithm, "ES256"));
  if (header.has("crit"))
    return header.error(Reason::malformed, "crit", "found extensions; none is known here");
  const Result<std::string_view> key = header.text("kid", KeyId::capacity);
  if (!key) return key.error();
  jwt.key = *key;
  return {};
}

/// RFC 7519 section 4.1.3: one audience, or a list.
Result<void> read_audience(const JsonReader& claims, std::string_view device, Claims& into) {
  const Result<std::size_t> count = claims.list("aud", 1, kAudiencesMax);
  if (!count) {
    const Result<std::string_view> audience = claims.text("aud", 255);
    if (!audience) return audience.error();
    into.is_for_device = *audience == device;
    return {};
  }
  for (std::size_t i = 0; i < *count; ++i) {
    const Result<std::string_view> audience = claims.text_at("aud", i, 255);
    if (!audience) return audience.error();
    into.is_for_device = into.is_for_device || *audience == device;
  }
  return {};
}

Result<void> read_claims(const JsonReader& claims, std::string_view device, Claims& into) {
  const Result<std::string_view> name = claims.text("sub", into.name.capacity);
  if (!name) return name.error();
  if (!is_valid_name(*name))
    return claims.error(Reason::malformed, "sub", "found a control, quote or backslash; expected a name");
  const Result<std::string_view> id = claims.text("jti", into.id.capacity);
  if (!id) return id.error();
  const Result<std::string_view> scope_text = claims.text("scope", Scope::kBytesMax);
  if (!scope_text) return scope_text.error();
  const Result<Scope> scope = Scope::parse(*scope_text);
  if (!scope) return scope.error();
  const Result<std::int64_t> issued = claims.integer("iat", 0, kSecondsMax);
  if (!issued) return issued.error();
  const Result<std::int64_t> expires = claims.integer("exp", 0, kSecondsMax);
  if (!expires) return expires.error();
  const auto not_before = claims.optional_integer("nbf", 0, kSecondsMax);
  if (!not_before) return not_before.error();
  into.name = *name;
  into.id = *id;
  into.scope = *scope;
  into.issued_s = *issued;
  into.expires_s = *expires;
  into.not_before_s = not_before->value_or(0);
  return read_audience(claims, device, into);
}

/// Appends a part in base64url behind what is there.
std::string_view append(std::string_view part, std::span<char> into, std::size_t& size) {
  const std::span bytes{reinterpret_cast<const unsigned char*>(part.data()), part.size()};
  const std::string_view written = write_base64url(bytes, into.subspan(size));
  size += written.size();
  return written;
}

}  // namespace

bool is_valid_name(std::string_view name) {
  return !name.empty() && name.size() <= decltype(Claims::name)::capacity && !has_controls(name) &&
         name.find_first_of("\"\\") == std::string_view::npos;
}

Result<Jwt> read_jwt(std::string_view token, std::string_view device) {
  if (token.size() > kTokenBytesMax)
    return no_token(
        format_text<95>("found a token of %zu bytes; expected at most %zu", token.size(), kTokenBytesMax));
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
    return no_token("no token of ours: a JSON Web Token has three parts with dots between them");
  Jwt jwt;
  jwt.signed_text = token.substr(0, second);
  std::array<unsigned char, kHeaderBytesMax> header_bytes{};
  const Result<JsonDocument> header = read_part(token.substr(0, first), header_bytes);
  if (!header) return wrong("header", header.error());
  const Result<void> header_read = read_header(JsonReader{header->top(), ""}, jwt);
  if (!header_read) return wrong("header", header_read.error());
  const Result<std::size_t> signature = read_base64url(token.substr(second + 1), jwt.signature);
  if (!signature || *signature != jwt.signature.size())
    return no_token("the token's signature: expected 64 bytes in base64url without padding");
  std::array<unsigned char, kTokenBytesMax> claims_bytes{};
  const Result<JsonDocument> claims = read_part(token.substr(first + 1, second - first - 1), claims_bytes);
  if (!claims) return wrong("claims", claims.error());
  const Result<void> claims_read = read_claims(JsonReader{claims->top(), ""}, device, jwt.claims);
  if (!claims_read) return wrong("claims", claims_read.error());
  return jwt;
}

Result<std::string_view> write_jwt(const Claims& claims, std::string_view device, const KeyId& key_id,
                                   const SigningKey& key, Random& random, std::span<char> into) {
  std::array<char, 127> header_text{};
  JsonWriter header{header_text};
  header.begin_object().key("alg").text("ES256").key("kid").text(key_id).key("typ").text("JWT").end_object();
  SIGNALBOX_CHECK(header.fits());  // an id of a key is base64url
  std::array<char, 511> claims_text{};
  JsonWriter writer{claims_text};
  writer.begin_object().key("sub").text(claims.name).key("aud").text(device);
  writer.key("iat").integer(claims.issued_s).key("exp").integer(claims.expires_s);
  writer.key("jti").text(claims.id).key("scope").text(claims.scope.text()).end_object();
  const std::size_t needed = base64url_characters(header.written().size()) + 2 +
                             base64url_characters(writer.written().size()) +
                             base64url_characters(sizeof(Signature));
  if (!writer.fits() || needed > into.size())
    return Error{Reason::too_big, "name and scope are too long together for a token"};
  std::size_t size = 0;
  append(header.written(), into, size);
  into[size++] = '.';
  append(writer.written(), into, size);
  const Result<Signature> signature = key.sign({into.data(), size}, random);
  if (!signature) return signature.error();
  into[size++] = '.';
  append({reinterpret_cast<const char*>(signature->data()), signature->size()}, into, size);
  return std::string_view{into.data(), size};
}

}  // namespace signalbox::trust
