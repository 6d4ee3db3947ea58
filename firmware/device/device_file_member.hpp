#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/fixed_text.hpp"
#include "base/json_document.hpp"

namespace signalbox::device {

/// A value in the device file together with the way to it, so that a mistake can name its place.
/// Members live on the stack of whoever descends; a child is used only while its parent stands there.
class DeviceFileMember {
 public:
  /// The outermost value.
  explicit DeviceFileMember(const JsonValue& value) : value_{&value} {}

  bool is_object() const;
  bool is_array() const;
  /// Nothing where it is of another type.
  std::optional<double> number() const;
  std::optional<bool> boolean() const;
  std::optional<std::string_view> text() const;

  /// How many children an object or array has.
  std::size_t size() const;
  /// The child of that place; `index` is below size().
  DeviceFileMember at(std::size_t index) const;
  /// The first child of that name.
  std::optional<DeviceFileMember> child(std::string_view name) const;
  /// Its name in the object that holds it; empty in arrays and at the top.
  std::string_view name() const;

  /// Such as `parts[1].channels`; the top is empty.
  FixedText<127> path() const;
  /// Where it begins: its name, where it has one.
  const JsonValue& beginning() const { return is_named() ? value_[-1] : *value_; }
  /// The value for a person: `"on"`, `12`, `[1, 2]` as `a list of 2`.
  FixedText<127> shown() const;

 private:
  DeviceFileMember(const JsonValue& value, const DeviceFileMember& parent, std::uint16_t place)
      : value_{&value}, parent_{&parent}, place_{place} {}
  bool is_named() const { return parent_ != nullptr && parent_->is_object(); }

  const JsonValue* value_;
  const DeviceFileMember* parent_ = nullptr;
  std::uint16_t place_ = 0;  ///< among the entries of an array
};

}  // namespace signalbox::device
