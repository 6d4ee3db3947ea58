#include "device/device_file_channel.hpp"

#include <algorithm>
#include <array>

#include "device/device_file_alarm.hpp"
#include "device/device_file_output.hpp"

namespace signalbox::device {
namespace {

using Need = DeviceFileCheck::Need;

constexpr double kCalibrationMax = 1e12;
constexpr std::array<std::string_view, 4> kChannelMembers{"path", "title", "staleMs", "alarms"};
constexpr std::array<std::string_view, 3> kNumberMembers{"unit", "range", "calibration"};
constexpr std::array<std::string_view, 1> kEnumMembers{"labels"};

/// Members that would be right on another channel are told apart from unknown ones.
bool has_known_members(DeviceFileCheck& check, const DeviceFileMember& member, const PortSpec& port) {
  if (!member.is_object()) return check.wrong(member, "an object in braces with the channel's path");
  const std::string_view kind = wire_name(port.kind);
  std::array<std::string_view, 20> allowed{};
  auto end = std::copy(kChannelMembers.begin(), kChannelMembers.end(), allowed.begin());
  const auto allow = [&](std::span<const std::string_view> names, bool fits, std::string_view found,
                         std::string_view expected) {
    for (const std::string_view name : names) {
      const auto child = member.child(name);
      if (child && !fits) return check.wrong(*child, found, expected);
      if (fits) *end++ = name;
    }
    return true;
  };
  return allow(kNumberMembers, port.kind == ValueKind::number, "a member for numbers",
               format_text<95>("it on channels of numbers only; this one is %.*s", length(kind),
                               kind.data())) &&
         allow(kEnumMembers, port.kind == ValueKind::enumeration, "a member for enums",
               format_text<95>("it on enum channels only; this one is %.*s", length(kind), kind.data())) &&
         allow(kOutputMembers, port.is_output, "a safety member on an input",
               "it on outputs only; this channel is measured") &&
         check.object(member, {allowed.begin(), end});
}

bool read_path(DeviceFileCheck& check, const DeviceFileMember& member, Channel& channel) {
  constexpr std::string_view kWords =
      "a path: levels of letters, digits, _ and - joined by /, such as cabin/temperature";
  if (!check.text(member, "path", Need::required, kWords, channel.path)) return false;
  return is_valid_path(channel.path) || check.wrong(*member.child("path"), kWords);
}

bool read_calibration(DeviceFileCheck& check, const DeviceFileMember& member, Channel& channel) {
  const auto calibration = member.child("calibration");
  if (!calibration) return true;
  constexpr std::array<std::string_view, 2> kAllowed{"scale", "offset"};
  constexpr DeviceFileCheck::NumberRule kRule{.min = -kCalibrationMax, .max = kCalibrationMax};
  if (!check.object(*calibration, kAllowed) || !check.number(*calibration, "scale", kRule, channel.scale) ||
      !check.number(*calibration, "offset", kRule, channel.offset))
    return false;
  return channel.scale != 0.0 || check.wrong(*calibration->child("scale"), "a number other than 0");
}

/// The range as declared, or all that the hardware can do; after calibration.
bool read_range(DeviceFileCheck& check, const DeviceFileMember& member, const PortSpec& port,
                Channel& channel) {
  const double one_end = channel.scale * port.min + channel.offset;
  const double other_end = channel.scale * port.max + channel.offset;
  const double lowest = std::min(one_end, other_end);
  const double highest = std::max(one_end, other_end);
  channel.min = lowest;
  channel.max = highest;
  const auto range = member.child("range");
  if (!range) return true;
  constexpr std::string_view kWords = "two numbers in brackets, the lower first, such as [-20, 60]";
  if (!range->is_array() || range->size() != 2) return check.wrong(*range, kWords);
  const DeviceFileMember low = range->at(0);
  const DeviceFileMember high = range->at(1);
  if (!low.number()) return check.wrong(low, "a number");
  if (!high.number()) return check.wrong(high, "a number");
  channel.min = *low.number();
  channel.max = *high.number();
  const auto shown = format_text<95>("[%.10g, %.10g]", channel.min, channel.max);
  if (channel.min >= channel.max) return check.wrong(*range, shown, kWords);
  const double slack = 1e-9 * (highest - lowest);  // what calibrating may round
  if (channel.min >= lowest - slack && channel.max <= highest + slack) return true;
  return check.wrong(
      *range, shown,
      format_text<383>("a range within [%.10g, %.10g]: more the hardware cannot do, calibrated "
                       "with scale %.10g and offset %.10g",
                       lowest, highest, channel.scale, channel.offset));
}

bool read_labels(DeviceFileCheck& check, const DeviceFileMember& member, Channel& channel) {
  constexpr std::string_view kWords =
      "a list of 2 to 8 texts, the enum's labels, each of at most 15 bytes and only once";
  const auto labels = member.child("labels");
  if (!labels) return check.missing(member, "labels", kWords);
  if (!labels->is_array() || labels->size() < 2 || labels->size() > kLabelsMax)
    return check.wrong(*labels, kWords);
  for (std::size_t i = 0; i < labels->size(); ++i) {
    const DeviceFileMember label = labels->at(i);
    const std::string_view text = label.text().value_or("");
    const auto known = channel.labels.begin() + channel.labels_count;
    if (text.empty() || text.size() > channel.labels[i].capacity ||
        std::find(channel.labels.begin(), known, FixedText<15>{text}) != known)
      return check.wrong(label, kWords);
    channel.labels[i] = text;
    ++channel.labels_count;
  }
  return true;
}

}  // namespace

bool read_channel(DeviceFileCheck& check, const DeviceFileMember& member, const PortSpec& port,
                  Roster& roster, Channel& channel) {
  channel.kind = port.kind;
  channel.unit = port.unit;
  double stale_ms = static_cast<double>(to_ms(channel.stale_after));
  if (!has_known_members(check, member, port) || !read_path(check, member, channel) ||
      !check.text(member, "title", Need::optional, "the channel's title for people", channel.title) ||
      !check.number(member, "staleMs",
                    {1.0, kDayMs, true, "without a reading for so long the value is stale"}, stale_ms))
    return false;
  channel.stale_after = from_ms(static_cast<std::int64_t>(stale_ms));
  if (port.kind == ValueKind::number &&
      (!check.text(member, "unit", Need::optional, "a UCUM unit, such as Cel, %, V", channel.unit) ||
       !read_calibration(check, member, channel) || !read_range(check, member, port, channel)))
    return false;
  if (port.kind == ValueKind::enumeration && !read_labels(check, member, channel)) return false;
  const auto index = static_cast<ChannelIndex>(roster.channels().size() - 1);
  return (!port.is_output || read_output(check, member, port, roster, channel)) &&
         read_alarms(check, member, index, channel);
}

}  // namespace signalbox::device
