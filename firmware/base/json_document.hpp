#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/pool_gauge.hpp"

namespace signalbox {

enum class JsonKind : std::uint8_t { null, boolean, number, text, array, object };

/// One value of a JsonDocument. A document is a flat list of its values, in the order in which they begin. An
/// array or object is followed by what it holds. A member of an object is two values: its name, then its
/// content.
class JsonValue {
 public:
  JsonKind kind() const { return kind_; }
  bool is_container() const { return kind_ >= JsonKind::array; }

  /// Of a text: without its escapes. Of a number, boolean or null: as it was written.
  std::string_view text() const { return {at_, extent_}; }
  /// Of a boolean.
  bool is_true() const { return *at_ == 't'; }
  /// Of a number: the nearest there is; what is too large is infinite.
  double number() const;

  /// How many members or entries it holds.
  std::size_t size() const { return count_; }
  /// What it holds is from `first()` to before `behind()`.
  const JsonValue* first() const { return this + 1; }
  const JsonValue* behind() const { return this + 1 + (is_container() ? extent_ : 0); }
  /// The entry of an array at that place; nullptr where it has fewer.
  const JsonValue* entry(std::size_t index) const;
  /// The content of the first member of that name; nullptr where there is none, or where this is no object.
  const JsonValue* member(std::string_view name) const;
  /// The name of the member whose content this is.
  std::string_view name() const { return this[-1].text(); }

 private:
  friend class JsonScan;
  friend class JsonDocument;

  const char* at_ = nullptr;  ///< its first byte; of a text that behind the quote, or where it is unescaped
  std::uint32_t extent_ = 0;  ///< its bytes; of an array or object how many values are in it, at all levels
  std::uint16_t count_ = 0;
  JsonKind kind_ = JsonKind::null;
};

/// Whether it is there, and of that kind.
inline bool is(const JsonValue* value, JsonKind kind) { return value != nullptr && value->kind() == kind; }

/// Why a text could not be read: what should have stood there.
enum class JsonFault : std::uint8_t {
  none,
  value,
  value_or_end,   ///< of an array
  name,           ///< of a member
  name_or_end,    ///< of an object
  colon,          ///< behind a name
  end_of_array,   ///< or a comma
  end_of_object,  ///< or a comma
  end,            ///< nothing more
  digit,          ///< in a number
  no_zero,        ///< a number that begins with zero ends there, or goes on with its point
  shorter_number,
  quote,       ///< at the end of a text
  no_control,  ///< control characters in a text are escaped
  utf8,
  escape,          ///< one of those there are
  hex_digit,       ///< four of them
  no_null,         ///< \u0000 is nowhere
  high_surrogate,  ///< before a low one
  low_surrogate,   ///< behind a high one
  fewer_levels,
  memory,  ///< for so many values, or for so many bytes of texts with escapes
};

/// A text of JSON taken apart in one pass: RFC 8259, in UTF-8, with no more than kLevelsMax levels, no
/// `\u0000`, no unpaired surrogates, and numbers of at most kNumberBytesMax characters. Names may repeat.
///
/// Nothing is copied but texts with escapes, so the text must outlive the document. Its values lie in memory
/// that all documents share; the text of a document that is the only one is never too much for that where it
/// is no longer than kAlwaysBytes.
class JsonDocument {
 public:
  static constexpr std::size_t kLevelsMax = 16;
  static constexpr std::size_t kNumberBytesMax = 63;
  static constexpr std::size_t kValuesMax = 16 * 1024;
  static constexpr std::size_t kEscapedBytesMax = 96 * 1024;
  static constexpr std::size_t kAlwaysBytes = 2 * kValuesMax - 1;  // a value each second byte: [1,2,3]

  /// Of nothing at all.
  JsonDocument() = default;
  explicit JsonDocument(std::string_view text);
  JsonDocument(JsonDocument&& other) noexcept;
  JsonDocument& operator=(JsonDocument&& other) noexcept;
  ~JsonDocument() { give_back(); }

  /// none: it is right.
  JsonFault fault() const { return fault_; }
  /// After how many bytes of the text that is.
  std::size_t fault_at() const { return fault_at_; }

  /// The outermost value; nullptr where there is none, or something was wrong.
  const JsonValue* top() const {
    return fault_ == JsonFault::none && !values_.empty() ? values_.data() : nullptr;
  }
  /// All values. Where the text has a fault: those before it; arrays and objects have what came before it.
  std::span<const JsonValue> values() const { return values_; }
  std::string_view text() const { return text_; }
  /// After how many bytes of the text one of its values begins.
  std::size_t offset_of(const JsonValue& value) const;

  /// Of the values of all documents.
  static const PoolGauge& gauge();
  static std::size_t memory_bytes();

 private:
  void give_back();

  std::string_view text_;
  std::span<JsonValue> values_;
  std::span<char>
      unescaped_;  ///< each text with escapes at the place that it has in the text; empty: none has
  std::size_t fault_at_ = 0;
  JsonFault fault_ = JsonFault::none;
};

}  // namespace signalbox
