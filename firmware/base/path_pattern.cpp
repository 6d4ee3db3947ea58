#include "base/path_pattern.hpp"

#include <algorithm>

namespace signalbox {
namespace {

/// Takes the first level off `rest`.
std::string_view next_level(std::string_view& rest) {
  const std::size_t slash = rest.find('/');
  const std::string_view level = rest.substr(0, slash);
  rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1);
  return level;
}

bool is_name(std::string_view level) {
  return !level.empty() && std::all_of(level.begin(), level.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

bool is_valid(std::string_view text, bool wildcards) {
  if (text.empty() || text.size() > kPathBytesMax || text.back() == '/') return false;
  while (!text.empty()) {
    const std::string_view level = next_level(text);
    if (wildcards && (level == "+" || (level == "#" && text.empty()))) continue;
    if (!is_name(level)) return false;
  }
  return true;
}

}  // namespace

bool is_valid_path(std::string_view path) { return is_valid(path, false); }

bool is_valid_pattern(std::string_view pattern) { return is_valid(pattern, true); }

bool matches(std::string_view pattern, std::string_view path) {
  while (!pattern.empty()) {
    const std::string_view wanted = next_level(pattern);
    if (wanted == "#") return true;
    if (path.empty()) return false;
    const std::string_view level = next_level(path);
    if (level == "#") return false;
    if (wanted != "+" && wanted != level) return false;
    if (path.empty() && pattern == "#") return true;
  }
  return path.empty();
}

}  // namespace signalbox
