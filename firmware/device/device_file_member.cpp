#include "device/device_file_member.hpp"

#include "base/check.hpp"

namespace signalbox::device {

bool DeviceFileMember::is_object() const { return value_->kind() == JsonKind::object; }

bool DeviceFileMember::is_array() const { return value_->kind() == JsonKind::array; }

std::optional<double> DeviceFileMember::number() const {
  if (value_->kind() != JsonKind::number) return std::nullopt;
  return value_->number();
}

std::optional<bool> DeviceFileMember::boolean() const {
  if (value_->kind() != JsonKind::boolean) return std::nullopt;
  return value_->is_true();
}

std::optional<std::string_view> DeviceFileMember::text() const {
  if (value_->kind() != JsonKind::text) return std::nullopt;
  return value_->text();
}

std::size_t DeviceFileMember::size() const { return value_->size(); }

DeviceFileMember DeviceFileMember::at(std::size_t index) const {
  SIGNALBOX_CHECK(index < size());
  const std::size_t before = is_object() ? 1 : 0;  // its name
  const JsonValue* found = value_->first() + before;
  for (std::size_t i = 0; i < index; ++i) found = found->behind() + before;
  return {*found, *this, static_cast<std::uint16_t>(index)};
}

std::optional<DeviceFileMember> DeviceFileMember::child(std::string_view name) const {
  const JsonValue* found = value_->member(name);
  if (found == nullptr) return std::nullopt;
  return DeviceFileMember{*found, *this, 0};
}

std::string_view DeviceFileMember::name() const { return is_named() ? value_->name() : std::string_view{}; }

FixedText<127> DeviceFileMember::path() const {  // NOLINT(misc-no-recursion): as deep as the file
  if (parent_ == nullptr) return {};
  const FixedText<127> before = parent_->path();
  if (!is_named()) return format_text<127>("%s[%u]", before.c_str(), static_cast<unsigned>(place_));
  return format_text<127>("%s%s%.*s", before.c_str(), before.empty() ? "" : ".", length(name()),
                          name().data());
}

FixedText<127> DeviceFileMember::shown() const {
  if (const auto value = number()) return format_text<127>("%.10g", *value);
  if (const auto value = boolean()) return *value ? "true" : "false";
  if (const auto value = text())
    return format_text<127>("\"%s\"", FixedText<100>{*value}.c_str());  // cut between characters
  if (is_array()) return size() == 0 ? "an empty list" : format_text<127>("a list of %zu", size());
  if (is_object()) return size() == 0 ? "an empty object" : "an object";
  return "null";
}

}  // namespace signalbox::device
