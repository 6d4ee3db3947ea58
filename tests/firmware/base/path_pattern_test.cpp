#include "base/path_pattern.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <span>
#include <string>
#include <vector>

namespace signalbox {
namespace {

using Levels = std::vector<std::string>;

std::string join(const Levels& levels) {
  std::string text;
  for (const std::string& level : levels) text += (text.empty() ? "" : "/") + level;
  return text;
}

/// MQTT 3.1.1 section 4.7, level by level.
bool naive(std::span<const std::string> pattern, std::span<const std::string> path) {
  if (pattern.empty()) return path.empty();
  if (pattern.front() == "#") return true;  // the parent and all below
  if (path.empty()) return false;
  return (pattern.front() == "+" || pattern.front() == path.front()) &&
         naive(pattern.subspan(1), path.subspan(1));
}

Levels some_levels(std::vector<std::string> names, std::size_t least) {
  const auto count = *rc::gen::inRange<std::size_t>(least, 5);
  return *rc::gen::container<Levels>(count, rc::gen::elementOf(std::move(names)));
}

RC_GTEST_PROP(PathPattern, MatchesAsTheStandardSays, ()) {
  const Levels path = some_levels({"a", "b", "ab"}, 1);
  Levels pattern = some_levels({"a", "b", "ab", "+", "+"}, 0);
  if (pattern.empty() || *rc::gen::arbitrary<bool>()) pattern.emplace_back("#");
  RC_ASSERT(is_valid_path(join(path)));
  RC_ASSERT(is_valid_pattern(join(pattern)));
  RC_ASSERT(matches(join(pattern), join(path)) == naive(pattern, path));
}

RC_GTEST_PROP(PathPattern, APathCoversItself, ()) {
  const std::string path = join(some_levels({"cabin", "a-b_c", "9"}, 1));
  RC_ASSERT(matches(path, path));
  RC_ASSERT(matches(path + "/#", path));
  RC_ASSERT(!matches(path + "/+", path));
  RC_ASSERT(!matches(path, path + "/x"));
}

TEST(PathPattern, ValidPaths) {
  for (const char* path : {"a", "cabin/temperature", "A-b_9/0", "a/b/c/d/e/f/g"})
    EXPECT_TRUE(is_valid_path(path)) << path;
  EXPECT_TRUE(is_valid_path(std::string(kPathBytesMax, 'a')));
}

TEST(PathPattern, InvalidPaths) {
  for (const char* path : {"", "/", "a/", "/a", "a//b", "a b", "a.b", "+", "#", "a/+", "\xC3\xA9", "a\n"})
    EXPECT_FALSE(is_valid_path(path)) << path;
  EXPECT_FALSE(is_valid_path(std::string(kPathBytesMax + 1, 'a')));
  EXPECT_FALSE(is_valid_path(std::string_view{"a\0b", 3}));
}

TEST(PathPattern, ValidPatterns) {
  for (const char* pattern : {"#", "+", "a", "a/#", "+/#", "+/a/+", "a/+/b"})
    EXPECT_TRUE(is_valid_pattern(pattern)) << pattern;
}

TEST(PathPattern, InvalidPatterns) {
  for (const char* pattern : {"", "/#", "#/a", "a/#/b", "a#", "a/b+", "++", "##", "#/", "a/#/", "+a"})
    EXPECT_FALSE(is_valid_pattern(pattern)) << pattern;
}

}  // namespace
}  // namespace signalbox
