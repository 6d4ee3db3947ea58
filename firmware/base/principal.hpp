#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "base/fixed_text.hpp"
#include "base/scope.hpp"

namespace signalbox {

/// Somebody who showed a credential, with what it allows and how long.
struct Principal {
  static constexpr std::int64_t kNeverExpires = std::numeric_limits<std::int64_t>::max();

  FixedText<31> name;
  Scope scope;
  FixedText<43> credential{};              ///< its id, by which it can be revoked; empty: it has none
  FixedText<43> key{};                     ///< the id of the key that signed it; empty: none did
  std::int64_t expires_s = kNeverExpires;  ///< Unix seconds; it allows nothing from then on
  FixedText<43> certificate{};             ///< what identifies the one that let them in; empty: none did

  bool may(Right right, std::string_view path) const { return scope.may(right, path); }
  bool may(Right right) const { return scope.may(right); }
  /// Whether it is the same person with the same rights. The credential may be another.
  bool is_like(const Principal& other) const { return name == other.name && scope == other.scope; }
  friend bool operator==(const Principal&, const Principal&) = default;
};

}  // namespace signalbox
