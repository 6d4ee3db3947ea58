#pragma once

#include <cstddef>
#include <string_view>

namespace signalbox::protocol {

/// How many bytes at the beginning of `text` stand for themselves in a text of JSON (RFC 8259 section 7), and
/// are characters each: ASCII but quotes, backslashes and control characters.
std::size_t plain_bytes(std::string_view text);

}  // namespace signalbox::protocol
