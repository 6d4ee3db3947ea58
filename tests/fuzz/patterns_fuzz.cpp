// Channel paths and the patterns that cover them, against the plainest reading of the rules.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.hpp"
#include "base/path_pattern.hpp"
#include "fuzz/input.hpp"

namespace {

using namespace signalbox;
using Levels = std::vector<std::string_view>;

Levels levels_of(std::string_view text) {
  Levels levels;
  while (true) {
    const std::size_t slash = text.find('/');
    levels.push_back(text.substr(0, slash));
    if (slash == std::string_view::npos) return levels;
    text.remove_prefix(slash + 1);
  }
}

bool is_word(std::string_view level) {
  return !level.empty() && std::all_of(level.begin(), level.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

bool path_by_the_rules(std::string_view text) {
  const Levels levels = levels_of(text);
  return text.size() <= kPathBytesMax && std::all_of(levels.begin(), levels.end(), is_word);
}

bool pattern_by_the_rules(std::string_view text) {
  Levels levels = levels_of(text);
  if (levels.back() == "#") levels.pop_back();
  return text.size() <= kPathBytesMax && !text.empty() &&
         std::all_of(levels.begin(), levels.end(), [](auto level) { return level == "+" || is_word(level); });
}

bool covers_by_the_rules(const Levels& pattern, const Levels& path) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == "#") return path.size() >= i;
    if (i >= path.size() || (pattern[i] != "+" && pattern[i] != path[i])) return false;
  }
  return pattern.size() == path.size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  fuzz::Input input{bytes, size};
  const std::string_view pattern = input.until('\n');
  const std::string_view path = input.rest();
  SIGNALBOX_CHECK(is_valid_path(path) == path_by_the_rules(path));
  SIGNALBOX_CHECK(is_valid_pattern(pattern) == pattern_by_the_rules(pattern));
  if (is_valid_path(path) && is_valid_pattern(pattern))
    SIGNALBOX_CHECK(matches(pattern, path) == covers_by_the_rules(levels_of(pattern), levels_of(path)));
  return 0;
}
