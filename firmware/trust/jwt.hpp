#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/fixed_text.hpp"
#include "base/result.hpp"
#include "base/scope.hpp"
#include "trust/es256.hpp"

namespace signalbox::trust {

/// The longest token that is looked at.
inline constexpr std::size_t kTokenBytesMax = 1023;

/// What a token says of whoever shows it (RFC 7519 section 4.1).
struct Claims {
  FixedText<31> name;  ///< `sub`
  FixedText<43> id;    ///< `jti`
  Scope scope;         ///< `scope`, as in RFC 8693 section 4.2
  std::int64_t issued_s = 0;
  std::int64_t expires_s = 0;
  std::int64_t not_before_s = 0;  ///< 0: from the beginning
  bool is_for_device = false;     ///< `aud` is the device that was asked for, or one of several
};

/// A token taken apart, before its signature was looked at: nothing in it is to be believed yet.
struct Jwt {
  KeyId key;  ///< `kid`: who says that it has signed
  Claims claims;
  std::string_view signed_text;  ///< lies in the token
  Signature signature{};
};

/// Reads a JSON Web Token in compact form (RFC 7515 section 7.1). Nothing but ES256 is read: whatever else
/// `alg` says, `none` before all, is an error and not a choice. So are extensions that we would have to
/// understand (`crit`), members twice, base64 that could be written otherwise, and a token above
/// kTokenBytesMax. Errors: `unauthenticated`, in words that name the member; `overloaded` where the JSON
/// reader has no memory.
Result<Jwt> read_jwt(std::string_view token, std::string_view device);

/// Names that may stand in a token, and on other people's screens: 1 to 31 bytes, no controls, quotes or
/// backslashes.
bool is_valid_name(std::string_view name);

/// Writes and signs a token; the text lies in `into`. `name` and `device` are such names. Errors: `tooBig`
/// where it does not fit `into`, `overloaded`.
Result<std::string_view> write_jwt(const Claims& claims, std::string_view device, const KeyId& key_id,
                                   const SigningKey& key, Random& random, std::span<char> into);

}  // namespace signalbox::trust
