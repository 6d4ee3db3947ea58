#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/fixed_text.hpp"

namespace signalbox::journal {

/// SHA-256 (FIPS 180-4). All zeros stands for "nothing before".
using Digest = std::array<std::uint8_t, 32>;

Digest digest_of(std::string_view text);

/// In lower-case hexadecimal digits.
using DigestText = FixedText<64>;
DigestText text_of(const Digest& digest);
/// False where it is not just 64 lower-case hexadecimal digits.
bool read_digest(std::string_view text, Digest& into);

}  // namespace signalbox::journal
