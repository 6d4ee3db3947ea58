#pragma once

#include <cstddef>
#include <string_view>

namespace signalbox {

/// How many bytes the first character of `text` takes, 1 to 4; 0 where it is not UTF-8 (RFC 3629 section 4)
/// or `text` is empty.
std::size_t utf8_character_bytes(std::string_view text);

}  // namespace signalbox
