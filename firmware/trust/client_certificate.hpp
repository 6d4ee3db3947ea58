#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/fixed_text.hpp"
#include "base/instant.hpp"
#include "base/principal.hpp"
#include "base/result.hpp"

namespace signalbox::trust {

/// Who a client is by its certificate (DER), which must have been verified: the common name is the name, and
/// an organizational unit `viewer`, `operator` or `admin` the role (RFC 5280 section 4.1.2.6). The subject,
/// since every tool that signs certificates can set it and every tool that shows them shows it. Nobody where
/// something is missing or there twice, or where the name is longer than 31 characters or has others than
/// letters, digits and `-_.@+`: such a client needs a token.
std::optional<Principal> principal_of(std::span<const unsigned char> der);

/// What identifies a certificate: a digest of issuer (DER) and serial number, which no authority gives twice
/// (RFC 5280 section 4.1.2.2).
FixedText<43> certificate_id(std::span<const unsigned char> issuer, std::span<const unsigned char> serial);

/// Whether all of it is certificates (PEM) that a client's can be checked against, and there is one. Error:
/// `malformed`.
Result<void> check_authorities(std::string_view authorities);

/// Whether lists of revoked certificates (PEM) can be read, are of authorities among `authorities` (PEM), and
/// last: until when, in Unix seconds, for who has an expired one takes no client at all. Errors: `malformed`,
/// `mismatch`, `expired`.
Result<std::int64_t> check_revocations(std::string_view lists, std::string_view authorities, WallTime now);

}  // namespace signalbox::trust
