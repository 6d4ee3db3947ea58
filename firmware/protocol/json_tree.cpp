#include "protocol/json_tree.hpp"

#include <cjson/cJSON.h>
#include <optional>

#include "protocol/json_reader.hpp"

namespace signalbox::protocol {
namespace {

constexpr std::uint32_t kRetryAfterMs = 200;

bool is_repeated(const cJSON* first, const cJSON* member) {
  for (const cJSON* earlier = first; earlier != member; earlier = earlier->next)
    if (std::string_view{earlier->string} == member->string) return true;
  return false;
}

/// What is wrong with the members of `object` itself.
std::optional<Error> members_error(const cJSON* object) {
  std::size_t count = 0;
  for (const cJSON* member = object->child; member != nullptr; member = member->next) {
    if (++count > kMembersMax)
      return Error{.reason = Reason::too_big, .detail = "found more than 64 members; expected at most 64"};
    if (is_repeated(object->child, member))
      return Error{.reason = Reason::malformed,
                   .detail = "found this member twice; expected it once",
                   .field = member->string};
  }
  return std::nullopt;
}

/// `field` as seen from one level up, where it lies in `child`, the `index`th of its siblings.
FixedText<31> field_above(const cJSON* child, unsigned index, const FixedText<31>& field) {
  const char* dot = field.empty() || field.view()[0] == '[' ? "" : ".";
  if (child->string == nullptr) return format_text<31>("[%u]%s%s", index, dot, field.c_str());
  return format_text<31>("%s%s%s", child->string, dot, field.c_str());
}

/// The same for all levels; the scan has bounded their number.
std::optional<Error> tree_error(const cJSON* item) {  // NOLINT(misc-no-recursion)
  if (cJSON_IsObject(item) != 0)
    if (const std::optional<Error> error = members_error(item)) return error;
  unsigned index = 0;
  for (const cJSON* child = item->child; child != nullptr; child = child->next, ++index) {
    std::optional<Error> error = tree_error(child);
    if (!error) continue;
    error->field = field_above(child, index, error->field);
    return error;
  }
  return std::nullopt;
}

}  // namespace

Result<Tree> parse_json(std::string_view text, std::span<Salvage> salvage) {
  const Result<void> scanned = scan_json(text, salvage);
  if (!scanned) return scanned.error();
  return parse_scanned(text);
}

Result<Tree> parse_scanned(std::string_view text) {
  Tree tree{cJSON_ParseWithLength(text.data(), text.size())};
  if (tree == nullptr)
    return Error{.reason = Reason::overloaded,
                 .detail = "no memory to read this message now; try again, or send less at once",
                 .retry_after_ms = kRetryAfterMs};
  if (const std::optional<Error> error = tree_error(tree.get())) return *error;
  return tree;
}

}  // namespace signalbox::protocol
