#pragma once

#include <cstdint>
#include <string_view>

#include "base/fixed_text.hpp"
#include "base/path_pattern.hpp"
#include "base/result.hpp"

namespace signalbox {

/// A right: to read or to control a channel (with its path), or to administer the device (without one).
enum class Right : std::uint8_t { read, control, administer };

/// Names for the scopes most people have.
enum class Role : std::uint8_t { viewer, operating, admin };

/// The word on the wire.
constexpr std::string_view wire_name(Role role) {
  constexpr std::string_view names[]{"viewer", "operator", "admin"};
  return names[static_cast<std::size_t>(role)];
}

/// What somebody may do, as the words it is written in: `read:<pattern>` and `control:<pattern>`, as often as
/// they are needed, and `admin`. A word can only add rights; an empty scope has none. Patterns are those of
/// channels (base/path_pattern): the words are read again at each question, which costs less than keeping
/// them apart in every session would.
class Scope {
 public:
  /// A dozen of usual patterns, or three of the longest; each session keeps its own.
  static constexpr std::size_t kBytesMax = 191;

  Scope() = default;
  explicit Scope(Role role);
  /// Words with one space between them; `viewer` and `operator` stand for those of their roles. Errors:
  /// `malformed` shows the word that is none, `tooBig`.
  static Result<Scope> parse(std::string_view text);

  bool may(Right right, std::string_view path) const;
  /// Whether it has the right at all, be it for one path.
  bool may(Right right) const;
  /// Whether all that the other allows is allowed by one of these words as well.
  bool covers(const Scope& other) const;
  /// The role whose kind of rights it has; patterns may narrow them.
  Role role() const;

  /// Calls `visit(pattern)` for each word of that right.
  template <typename Visit>
  void each_pattern(Right right, Visit&& visit) const {
    for (std::string_view rest = words_; !rest.empty();) {
      const Word word = next_word(rest);
      if (word.right == right) visit(word.pattern);
    }
  }
  std::string_view text() const { return words_; }
  friend bool operator==(const Scope&, const Scope&) = default;

 private:
  struct Word {
    Right right = Right::read;
    std::string_view pattern;
  };
  static Word next_word(std::string_view& rest);
  bool has(Right right, std::string_view path_or_pattern) const;

  FixedText<kBytesMax> words_;
};

}  // namespace signalbox
