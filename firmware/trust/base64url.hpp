#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/result.hpp"

namespace signalbox::trust {

/// How many characters so many bytes take in base64url without padding (RFC 4648 section 5, RFC 7515
/// section 2).
constexpr std::size_t base64url_characters(std::size_t bytes) { return (bytes * 8 + 5) / 6; }

/// Writes the bytes as base64url; `into` has room for all of them.
std::string_view write_base64url(std::span<const unsigned char> bytes, std::span<char> into);

/// Reads base64url; how many bytes it were. Error `malformed`: another character, padding, a length that none
/// has, or bits that belong to no byte and are not 0, so that nothing can be written in two ways; `tooBig`.
Result<std::size_t> read_base64url(std::string_view text, std::span<unsigned char> into);

}  // namespace signalbox::trust
