#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/fixed_text.hpp"

struct cJSON;

namespace signalbox::device {

/// A value in the device file together with the way to it, so that a mistake can name its place.
/// Members live on the stack of whoever descends; a child is used only while its parent stands there.
class DeviceFileMember {
 public:
  static constexpr std::size_t kLevelsMax = 16;

  /// The outermost value.
  explicit DeviceFileMember(const cJSON* value) : value_{value} {}

  bool is_object() const;
  bool is_array() const;
  /// nullptr where it is of another type.
  const double* number() const;
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
  /// Its places among its siblings, from the top: what JsonText::locate wants. The used part of `places`.
  std::span<const std::uint16_t> way(std::span<std::uint16_t, kLevelsMax> places) const;
  /// The value for a person: `"on"`, `12`, `[1, 2]` as `a list of 2`.
  FixedText<127> shown() const;

 private:
  DeviceFileMember(const cJSON* value, const DeviceFileMember& parent, std::uint16_t place)
      : value_{value}, parent_{&parent}, place_{place} {}

  const cJSON* value_;
  const DeviceFileMember* parent_ = nullptr;
  std::uint16_t place_ = 0;
};

}  // namespace signalbox::device
