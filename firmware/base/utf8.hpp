#pragma once

#include <cstddef>
#include <string_view>

namespace signalbox {

/// How many bytes the first character of `text` takes, 1 to 4; 0 where it is not UTF-8 (RFC 3629 section 4)
/// or `text` is empty.
std::size_t utf8_character_bytes(std::string_view text);

/// How many bytes at the beginning of `text` are ASCII: characters of one byte.
std::size_t ascii_bytes(std::string_view text);

/// Whether text that ends up in logs and on other people's screens could control them: it has control
/// characters (C0 but those of `allowed`, DEL, C1), line or paragraph separators (U+2028, U+2029), characters
/// that change the direction of writing (U+202A to U+202E, U+2066 to U+2069), or is no UTF-8.
bool has_controls(std::string_view text, std::string_view allowed = {});

}  // namespace signalbox
