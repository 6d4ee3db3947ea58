#include "device/device_file.hpp"

#include <array>

#include "device/device_file_check.hpp"
#include "device/device_file_output.hpp"
#include "device/device_file_part.hpp"
#include "device/text_place.hpp"

namespace signalbox::device {
namespace {

using Need = DeviceFileCheck::Need;

bool read_device(DeviceFileCheck& check, const DeviceFileMember& device, Roster& roster) {
  constexpr std::array<std::string_view, 2> kAllowed{"id", "title"};
  constexpr std::string_view kId = "the device's id: letters, digits, _ and -, such as bench";
  if (!check.object(device, kAllowed) || !check.text(device, "id", Need::required, kId, roster.id))
    return false;
  if (!is_valid_path(roster.id) || roster.id.view().find('/') != std::string_view::npos)
    return check.wrong(*device.child("id"), kId);
  return check.text(device, "title", Need::optional, "the device's title for people", roster.title);
}

bool read_parts(DeviceFileCheck& check, const DeviceFileMember& parts, Catalogue catalogue, Roster& roster) {
  if (!parts.is_array() || parts.size() == 0) return check.wrong(parts, "a list of parts in brackets");
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (!read_part(check, parts.at(i), catalogue, roster)) return false;
  return true;
}

/// An output may name channels that come later in the file, so its relations are read when all are known.
bool read_all_relations(DeviceFileCheck& check, const DeviceFileMember& parts, Roster& roster) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const DeviceFileMember part = parts.at(i);
    const DeviceFileMember channels = *part.child("channels");
    for (std::size_t j = 0; j < channels.size(); ++j) {
      const DeviceFileMember channel = channels.at(j);
      const ChannelIndex index = roster.find(*channel.child("path")->text());
      if (roster.channels()[index].is_output() && !read_relations(check, channel, roster, index))
        return false;
    }
  }
  return true;
}

bool read_file(DeviceFileCheck& check, const DeviceFileMember& file, Catalogue catalogue, Roster& roster) {
  constexpr std::array<std::string_view, 3> kAllowed{"device", "parts", "stop"};
  if (!check.object(file, kAllowed)) return false;
  const auto device = file.child("device");
  if (!device) return check.missing(file, "device", "an object with the device's id");
  const auto parts = file.child("parts");
  if (!parts) return check.missing(file, "parts", "a list of parts in brackets");
  const auto stop = file.child("stop");
  return read_device(check, *device, roster) && read_parts(check, *parts, catalogue, roster) &&
         read_all_relations(check, *parts, roster) && (!stop || read_stop(check, *stop, roster));
}

Mistake whole_file(std::size_t bytes, std::string_view expected) {
  Mistake mistake;
  mistake.found = format_text<127>("%zu bytes", bytes);
  mistake.expected = expected;
  return mistake;
}

}  // namespace

std::optional<Mistake> read_device_file(std::string_view text, Catalogue catalogue, Roster& roster) {
  if (text.size() > kDeviceFileBytesMax)
    return whole_file(text.size(), format_text<95>("at most %zu", kDeviceFileBytesMax));
  const JsonDocument document{text};
  if (document.fault() == JsonFault::memory)
    return whole_file(text.size(), "a smaller file: the memory for JSON is used up");
  if (document.fault() != JsonFault::none) return syntax_mistake(document);
  DeviceFileCheck check{document};
  if (read_file(check, DeviceFileMember{*document.top()}, catalogue, roster)) return std::nullopt;
  return check.mistake();
}

}  // namespace signalbox::device
