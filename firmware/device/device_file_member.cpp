#include "device/device_file_member.hpp"

#include <cjson/cJSON.h>

#include "base/check.hpp"

namespace signalbox::device {

bool DeviceFileMember::is_object() const { return cJSON_IsObject(value_) != 0; }

bool DeviceFileMember::is_array() const { return cJSON_IsArray(value_) != 0; }

const double* DeviceFileMember::number() const {
  return cJSON_IsNumber(value_) != 0 ? &value_->valuedouble : nullptr;
}

std::optional<bool> DeviceFileMember::boolean() const {
  if (cJSON_IsBool(value_) == 0) return std::nullopt;
  return cJSON_IsTrue(value_) != 0;
}

std::optional<std::string_view> DeviceFileMember::text() const {
  if (value_ == nullptr || cJSON_IsString(value_) == 0) return std::nullopt;
  return std::string_view{value_->valuestring};
}

std::size_t DeviceFileMember::size() const {
  return is_object() || is_array() ? static_cast<std::size_t>(cJSON_GetArraySize(value_)) : 0;
}

DeviceFileMember DeviceFileMember::at(std::size_t index) const {
  const cJSON* found = cJSON_GetArrayItem(value_, static_cast<int>(index));
  SIGNALBOX_CHECK(found != nullptr);
  return {found, *this, static_cast<std::uint16_t>(index)};
}

std::optional<DeviceFileMember> DeviceFileMember::child(std::string_view name) const {
  if (!is_object()) return std::nullopt;
  std::uint16_t place = 0;
  for (const cJSON* item = value_->child; item != nullptr; item = item->next, ++place)
    if (name == item->string) return DeviceFileMember{item, *this, place};
  return std::nullopt;
}

std::string_view DeviceFileMember::name() const {
  return value_->string != nullptr ? std::string_view{value_->string} : std::string_view{};
}

FixedText<127> DeviceFileMember::path() const {  // NOLINT(misc-no-recursion): kLevelsMax bounds it
  if (parent_ == nullptr) return {};
  const FixedText<127> before = parent_->path();
  if (!parent_->is_object()) return format_text<127>("%s[%u]", before.c_str(), static_cast<unsigned>(place_));
  return format_text<127>("%s%s%s", before.c_str(), before.empty() ? "" : ".", value_->string);
}

std::span<const std::uint16_t> DeviceFileMember::way(std::span<std::uint16_t, kLevelsMax> places) const {
  std::size_t levels = 0;
  for (const DeviceFileMember* member = this; member->parent_ != nullptr; member = member->parent_) ++levels;
  SIGNALBOX_CHECK(levels <= kLevelsMax);
  std::size_t level = levels;
  for (const DeviceFileMember* member = this; member->parent_ != nullptr; member = member->parent_)
    places[--level] = member->place_;
  return places.first(levels);
}

FixedText<127> DeviceFileMember::shown() const {
  if (const double* value = number()) return format_text<127>("%.10g", *value);
  if (const auto value = boolean()) return *value ? "true" : "false";
  if (const auto value = text())
    return format_text<127>("\"%s\"", FixedText<100>{*value}.c_str());  // cut between characters
  if (is_array()) return size() == 0 ? "an empty list" : format_text<127>("a list of %zu", size());
  if (is_object()) return size() == 0 ? "an empty object" : "an object";
  return "null";
}

}  // namespace signalbox::device
