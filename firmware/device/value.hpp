#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "base/fixed_text.hpp"

namespace signalbox::device {

enum class ValueKind : std::uint8_t { number, boolean, text, enumeration };

/// The word in device files and on the wire.
constexpr std::string_view wire_name(ValueKind kind) {
  switch (kind) {
    case ValueKind::number: return "number";
    case ValueKind::boolean: return "boolean";
    case ValueKind::text: return "text";
    default: return "enum";
  }
}

using Text = FixedText<31>;

/// One of a channel's labels, by place.
struct EnumIndex {
  std::uint8_t index = 0;
  friend bool operator==(EnumIndex, EnumIndex) = default;
};

/// What a channel can hold. The alternatives stand in the order of ValueKind.
using Value = std::variant<double, bool, Text, EnumIndex>;

constexpr ValueKind kind_of(const Value& value) { return static_cast<ValueKind>(value.index()); }

/// The value as a number for comparing and folding: booleans are 0 and 1, an enum is its index, text is 0.
constexpr double as_number(const Value& value) {
  if (const double* number = std::get_if<double>(&value)) return *number;
  if (const bool* boolean = std::get_if<bool>(&value)) return *boolean ? 1.0 : 0.0;
  if (const EnumIndex* label = std::get_if<EnumIndex>(&value)) return label->index;
  return 0.0;
}

}  // namespace signalbox::device
