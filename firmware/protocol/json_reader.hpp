#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "base/fixed_text.hpp"
#include "base/json_document.hpp"
#include "base/result.hpp"

namespace signalbox::protocol {

/// Reads the members of one JSON object and knows where that object stands, so that every error names its
/// field (`payload.value`), what was found and what would be right. Members nobody asks for are ignored; a
/// member that is `null` counts as left out.
///
/// Errors: `malformed` (missing, wrong type, no such word), `outOfRange` (number outside), `tooBig` (text or
/// list too long). Text views live as long as the document.
class JsonReader {
 public:
  /// A value that is no list and no object.
  using Scalar = std::variant<std::monostate, double, bool, std::string_view>;
  template <typename T>
  using Optional = Result<std::optional<T>>;

  /// `object` may be nullptr: an object without members. `path` is its place in the message, empty at the
  /// top.
  JsonReader(const JsonValue* object, std::string_view path) : object_{object}, path_{path} {}

  /// Whether the member is there and not null.
  bool has(std::string_view name) const { return find(name) != nullptr; }

  /// 1 to `bytes_max` bytes.
  Result<std::string_view> text(std::string_view name, std::size_t bytes_max) const;
  /// 0 to `bytes_max` bytes.
  Optional<std::string_view> optional_text(std::string_view name, std::size_t bytes_max) const;
  /// Both ends belong to the range; infinite (such as 1e999) is outside of any.
  Result<double> number(std::string_view name, double min, double max) const;
  Optional<double> optional_number(std::string_view name, double min, double max) const;
  /// The range must lie within +-2^53.
  Result<std::int64_t> integer(std::string_view name, std::int64_t min, std::int64_t max) const;
  Optional<std::int64_t> optional_integer(std::string_view name, std::int64_t min, std::int64_t max) const;
  /// A count as `JsonWriter::counter` writes it: a whole number up to 2^53, beyond that its digits as text.
  Result<std::uint64_t> counter(std::string_view name) const;
  Result<bool> boolean(std::string_view name) const;
  /// A boolean; false where it is left out.
  Result<bool> flag(std::string_view name) const { return has(name) ? boolean(name) : false; }
  /// The place of the member's text among `words`.
  Result<std::size_t> choice(std::string_view name, std::span<const std::string_view> words) const;
  Optional<std::size_t> optional_choice(std::string_view name, std::span<const std::string_view> words) const;
  /// monostate where it is left out.
  Result<Scalar> scalar(std::string_view name, std::size_t bytes_max) const;
  /// A reader of the member, which must be an object; without members where it is left out.
  Result<JsonReader> object(std::string_view name) const;

  /// How many entries the list `name` has, `min` to `max`.
  Result<std::size_t> list(std::string_view name, std::size_t min, std::size_t max) const;
  /// An entry of a list for which `list` succeeded; 1 to `bytes_max` bytes.
  Result<std::string_view> text_at(std::string_view name, std::size_t index, std::size_t bytes_max) const;

  /// The place of the entry's text among `words`.
  Result<std::size_t> choice_at(std::string_view name, std::size_t index,
                                std::span<const std::string_view> words) const;
  /// The same where the entry must be an object.
  Result<JsonReader> object_at(std::string_view name, std::size_t index) const;

  /// An error at the member `name` of this object.
  Error error(Reason reason, std::string_view name, std::string_view detail) const;
  Error error_at(Reason reason, std::string_view name, std::size_t index, std::string_view detail) const;

 private:
  const JsonValue* find(std::string_view name) const;
  const JsonValue* find_entry(std::string_view name, std::size_t index) const;
  Error wrong_text(std::string_view name, const JsonValue* found, std::size_t bytes_min,
                   std::size_t bytes_max) const;
  Result<std::size_t> word(std::string_view name, const JsonValue* item,
                           std::span<const std::string_view> words) const;
  Error wrong_type(std::string_view name, const JsonValue* found, std::string_view expected) const;

  const JsonValue* object_;
  FixedText<31> path_;
};

/// "one of a, b, c" as far as it fits.
FixedText<199> one_of(std::span<const std::string_view> words);
/// `found "<the text, shortened>"; expected <expected>`.
FixedText<223> found_instead(std::string_view found, std::string_view expected);

}  // namespace signalbox::protocol
