#pragma once

#include <cstddef>
#include <string_view>

#include "base/json_document.hpp"
#include "base/result.hpp"

namespace signalbox::protocol {

inline constexpr std::size_t kMembersMax = 64;  ///< per object; bounds the search for duplicates

/// Whether the document is one we take: right, and its objects have at most kMembersMax members, none of them
/// twice. Errors: `malformed` (with the place or the member), `tooBig` (too many members), `overloaded` (the
/// memory of documents is used up).
Result<void> check_json(const JsonDocument& document);
/// A document that passes.
Result<JsonDocument> parse_json(std::string_view text);

/// A member of the outermost object that is wanted even where the rest is broken.
struct Salvage {
  /// Of what was read of the document.
  Salvage(const JsonDocument& document, std::string_view name);

  const JsonValue* value = nullptr;  ///< the first text or number of that name that was whole
  std::size_t times = 0;             ///< how often the name was seen

  bool is_text() const { return is(value, JsonKind::text); }
  /// Whether it is that text, and stands once.
  bool is_once(std::string_view expected) const {
    return times == 1 && is_text() && value->text() == expected;
  }
};

}  // namespace signalbox::protocol
