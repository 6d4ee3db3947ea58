#include "device/device_file_condition.hpp"

#include <array>
#include <span>

namespace signalbox::device {
namespace {

using Need = DeviceFileCheck::Need;

bool read_label(DeviceFileCheck& check, const DeviceFileMember& object, std::string_view name,
                const Channel& channel, Value& into) {
  const auto member = object.child(name);
  if (!member) return true;
  std::array<std::string_view, kLabelsMax> labels{};
  for (std::size_t i = 0; i < channel.labels_count; ++i) labels[i] = channel.labels[i];
  const std::span<const std::string_view> known{labels.data(), channel.labels_count};
  for (std::uint8_t i = 0; i < channel.labels_count; ++i) {
    if (member->text() != labels[i]) continue;
    into = EnumIndex{i};
    return true;
  }
  return check.wrong(*member, choices(member->text().value_or(""), known));
}

}  // namespace

bool read_value(DeviceFileCheck& check, const DeviceFileMember& object, std::string_view name,
                const Channel& channel, Value& into) {
  if (!object.child(name)) return true;
  switch (channel.kind) {
    case ValueKind::number: {
      double number = 0.0;
      if (!check.number(object, name, {channel.min, channel.max, false, "the channel's range"}, number))
        return false;
      into = number;
      return true;
    }
    case ValueKind::boolean: {
      bool boolean = false;
      if (!check.boolean(object, name, Need::optional, boolean)) return false;
      into = boolean;
      return true;
    }
    case ValueKind::text: {
      Text text;
      if (!check.text(object, name, Need::optional, "what the output shows", text)) return false;
      into = text;
      return true;
    }
    default: return read_label(check, object, name, channel, into);
  }
}

bool read_watched(DeviceFileCheck& check, const DeviceFileMember& object, const Roster& roster,
                  std::string_view words, ChannelIndex& into) {
  FixedText<kPathBytesMax> path;
  if (!check.text(object, "channel", Need::required, words, path)) return false;
  into = roster.find(path);
  return into != kNoChannel ||
         check.wrong(*object.child("channel"),
                     format_text<127>("\"%s\", which no part declares", path.c_str()), words);
}

bool read_test(DeviceFileCheck& check, const DeviceFileMember& object, const Channel& watched,
               std::string_view words, Condition& condition) {
  constexpr std::array<std::string_view, 3> kTests{"is", "below", "above"};
  std::size_t found = 0;
  for (std::size_t i = 0; i < kTests.size(); ++i) {
    const auto test = object.child(kTests[i]);
    if (!test) continue;
    if (++found > 1) return check.wrong(*test, "a second test", words);
    condition.test = static_cast<Condition::Test>(i);
    if (condition.test == Condition::Test::is) {
      if (!read_value(check, object, "is", watched, condition.value)) return false;
    } else if (watched.kind != ValueKind::number) {
      return check.wrong(*test, "a comparison", "is: only numbers are above or below something");
    } else if (!check.number(object, kTests[i], {watched.min, watched.max, false, "the channel's range"},
                             condition.limit)) {
      return false;
    }
  }
  return found == 1 || check.missing(object, "is", words);
}

bool read_condition(DeviceFileCheck& check, const DeviceFileMember& object, const Roster& roster,
                    Condition& condition) {
  constexpr std::string_view kWatched = "the path of a channel";
  constexpr std::string_view kWords = "exactly one of is, below, above: what the channel must read";
  return read_watched(check, object, roster, kWatched, condition.channel) &&
         read_test(check, object, roster.channels()[condition.channel], kWords, condition);
}

}  // namespace signalbox::device
