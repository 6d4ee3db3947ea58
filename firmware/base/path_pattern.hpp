#pragma once

#include <string_view>

namespace signalbox {

/// Longest path or pattern, in bytes.
inline constexpr std::size_t kPathBytesMax = 47;

/// A channel path: levels of `[A-Za-z0-9_-]` joined by `/`, such as `cabin/temperature`.
bool is_valid_path(std::string_view path);

/// A path in which a level may be `+` (any one level) and the last one `#` (this level's parent and all
/// below), as in MQTT 3.1.1 section 4.7.
bool is_valid_pattern(std::string_view pattern);

/// Whether a valid `pattern` covers a valid `path`, or each path that another pattern covers.
bool matches(std::string_view pattern, std::string_view path);

}  // namespace signalbox
