#pragma once

#include <cstdint>
#include <string_view>

#include "base/fixed_text.hpp"
#include "trust/jwt.hpp"

namespace signalbox::link {

/// The cookie by which a page shows its token. Browsers keep the prefix for cookies that came by TLS, from
/// this very host and for all of its paths (RFC 6265bis section 4.1.3.2): no neighbour under the same domain
/// can put one of its own in our place.
constexpr std::string_view cookie_name(bool secure) { return secure ? "__Host-signalbox" : "signalbox"; }

/// The value of the cookie of that name in a Cookie header (RFC 6265bis section 4.2.1), whatever else is in
/// there; empty where there is none, or more than one.
std::string_view cookie_of(std::string_view header, std::string_view name);

/// The longest value of Set-Cookie: the token and what is said of it.
inline constexpr std::size_t kSetCookieBytesMax = trust::kTokenBytesMax + 127;

/// The value of a Set-Cookie header. `token` is one that was found right, so it has no letter that would need
/// care. No script sees the cookie, and no page of another site has it sent. An empty token and 0 s take the
/// cookie away.
FixedText<kSetCookieBytesMax> set_cookie(std::string_view token, std::int64_t max_age_s, bool secure);

}  // namespace signalbox::link
