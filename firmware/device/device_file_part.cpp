#include "device/device_file_part.hpp"

#include <algorithm>
#include <array>

#include "device/device_file_channel.hpp"

namespace signalbox::device {
namespace {

using Need = DeviceFileCheck::Need;

constexpr std::array<std::string_view, 3> kPartMembers{"kind", "name", "channels"};

const PartKind* read_kind(DeviceFileCheck& check, const DeviceFileMember& part, Catalogue catalogue) {
  constexpr std::size_t kNamesMax = 32;
  std::array<std::string_view, kNamesMax> names{};
  const std::size_t count = std::min(kNamesMax, catalogue.size());
  for (std::size_t i = 0; i < count; ++i) names[i] = catalogue[i].name;
  const std::span<const std::string_view> known{names.data(), count};

  const auto member = part.child("kind");
  const auto name = member ? member->text() : std::nullopt;
  for (const PartKind& kind : catalogue)
    if (name == kind.name) return &kind;
  if (!member)
    check.missing(part, "kind", choices("", known));
  else
    check.wrong(*member, choices(name.value_or(""), known));
  return nullptr;
}

/// No members but those of every part and the settings of its kind.
bool has_known_members(DeviceFileCheck& check, const DeviceFileMember& part, const PartKind& kind) {
  std::array<std::string_view, kPartMembers.size() + kSettingsMax> allowed{};
  auto end = std::copy(kPartMembers.begin(), kPartMembers.end(), allowed.begin());
  for (const SettingSpec& spec : kind.settings) *end++ = spec.name;
  return check.object(part, {allowed.begin(), end});
}

bool read_setting(DeviceFileCheck& check, const DeviceFileMember& part, const SettingSpec& spec,
                  Setting& into) {
  const Need need = spec.required ? Need::required : Need::optional;
  double number = spec.fallback;
  bool boolean = spec.fallback != 0.0;
  Text text;
  switch (spec.kind) {
    case SettingSpec::Kind::integer:
    case SettingSpec::Kind::number: {
      const bool whole = spec.kind == SettingSpec::Kind::integer;
      if (!check.number(part, spec.name, {spec.min, spec.max, whole, spec.help, need, spec.choices}, number))
        return false;
      into = number;
      return true;
    }
    case SettingSpec::Kind::boolean:
      if (!check.boolean(part, spec.name, need, boolean)) return false;
      into = boolean;
      return true;
    default:
      if (!check.text(part, spec.name, need, spec.help, text)) return false;
      if (spec.has_form != nullptr && !text.empty() && !spec.has_form(text))
        return check.wrong(*part.child(spec.name),
                           format_text<127>("a text: %.*s", length(spec.help), spec.help.data()));
      into = text;
      return true;
  }
}

/// A channel has to be given more time than its part takes between two readings.
bool settle_staleness(DeviceFileCheck& check, const DeviceFileMember& member, const Part& part,
                      Channel& channel) {
  for (std::size_t i = 0; i < part.kind->settings.size(); ++i) {
    if (part.kind->settings[i].name != "periodMs") continue;
    const Duration period = part.settings.period(i);
    const auto declared = member.child("staleMs");
    if (!declared) channel.stale_after = std::max(channel.stale_after, 3 * period);
    if (channel.stale_after <= period)
      return check.wrong(*declared, format_text<127>("more than the part's periodMs, which is %lld",
                                                     static_cast<long long>(to_ms(period))));
  }
  return true;
}

/// The part has what the port needs of its settings.
bool has_what_it_needs(DeviceFileCheck& check, const DeviceFileMember& member, std::string_view needs,
                       const Part& part) {
  for (std::size_t i = 0; i < part.kind->settings.size(); ++i)
    if (part.kind->settings[i].name == needs && part.settings.text(i).empty())
      return check.wrong(member, format_text<127>("no such channel, or a part with the setting %.*s",
                                                  length(needs), needs.data()));
  return true;
}

bool read_port(DeviceFileCheck& check, const DeviceFileMember& member, std::size_t port, Part& part,
               Roster& roster) {
  if (!has_what_it_needs(check, member, part.kind->ports[port].needs, part)) return false;
  Channel* channel = roster.add_channel();
  if (channel == nullptr)
    return check.wrong(member, "one channel more",
                       format_text<95>("at most %zu channels on this board", roster.channels_max()));
  if (!read_channel(check, member, part.kind->ports[port], roster, *channel) ||
      !settle_staleness(check, member, part, *channel))
    return false;
  const ChannelIndex index = roster.find(channel->path);
  const auto last = static_cast<ChannelIndex>(roster.channels().size() - 1);
  if (index != last) {
    const Part& other = roster.parts()[roster.channels()[index].part];
    return check.wrong(*member.child("path"),
                       format_text<127>("a path of its own (the part %s has this one)", other.name.c_str()));
  }
  channel->part = static_cast<std::uint8_t>(roster.parts().size() - 1);
  channel->port = static_cast<std::uint8_t>(port);
  part.channels[port] = last;
  return true;
}

bool read_channels(DeviceFileCheck& check, const DeviceFileMember& member, Part& part, Roster& roster) {
  std::array<std::string_view, kPortsMax> ports{};
  const std::size_t count = part.kind->ports.size();
  for (std::size_t i = 0; i < count; ++i) ports[i] = part.kind->ports[i].name;
  const std::span<const std::string_view> known{ports.data(), count};
  const auto channels = member.child("channels");
  const auto words = format_text<255>("an object with %s", choices("", known).c_str());
  if (!channels) return check.missing(member, "channels", words);
  if (!check.object(*channels, known)) return false;
  if (channels->size() == 0) return check.wrong(*channels, words);
  for (std::size_t i = 0; i < channels->size(); ++i) {
    const DeviceFileMember channel = channels->at(i);
    const auto port = std::find(known.begin(), known.end(), channel.name()) - known.begin();
    if (!read_port(check, channel, static_cast<std::size_t>(port), part, roster)) return false;
  }
  return true;
}

}  // namespace

bool read_part(DeviceFileCheck& check, const DeviceFileMember& member, Catalogue catalogue, Roster& roster) {
  if (!member.is_object()) return check.wrong(member, "a part: an object in braces with kind and channels");
  const PartKind* kind = read_kind(check, member, catalogue);
  if (kind == nullptr || !has_known_members(check, member, *kind)) return false;
  Part* part = roster.add_part();
  if (part == nullptr || roster.parts().size() > 255)
    return check.wrong(
        member, "one part more",
        format_text<95>("at most %zu parts on this board", std::min<std::size_t>(roster.parts_max(), 255)));
  part->kind = kind;
  part->name = kind->name;
  if (!check.text(member, "name", Need::optional, "the part's name for people", part->name)) return false;
  for (std::size_t i = 0; i < kind->settings.size(); ++i)
    if (!read_setting(check, member, kind->settings[i], part->settings.values[i])) return false;
  if (kind->find_fault != nullptr)
    if (const auto fault = kind->find_fault(part->settings))
      return check.wrong(*member.child(fault->setting), fault->expected);
  return read_channels(check, member, *part, roster);
}

}  // namespace signalbox::device
