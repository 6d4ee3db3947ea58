#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/fixed_text.hpp"

namespace signalbox::device {

/// A place in a text; both count from 1, columns in characters.
struct TextPlace {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  friend bool operator==(TextPlace, TextPlace) = default;
};

/// Where a text stops being JSON.
struct SyntaxMistake {
  TextPlace place;
  FixedText<31> found;
  std::string_view expected;
};

/// JSON as a person wrote it. Parsers keep the values and forget the lines; this finds the lines again.
class JsonText {
 public:
  static constexpr int kNestingMax = 16;

  /// `text` outlives this.
  explicit JsonText(std::string_view text) : text_{text} {}

  /// The first departure from RFC 8259, from UTF-8, or from what we take: kNestingMax levels, no `\u0000`.
  std::optional<SyntaxMistake> check() const;
  /// Where the value stands that is reached from the outermost one by taking, at each level, the child of
  /// that place among its siblings; for a member of an object, where its name stands. The text has passed
  /// `check`.
  TextPlace locate(std::span<const std::uint16_t> way) const;

 private:
  std::string_view text_;
};

}  // namespace signalbox::device
