#include "device/device_file_alarm.hpp"

#include <algorithm>
#include <array>

#include "device/device_file_condition.hpp"

namespace signalbox::device {
namespace {

using Need = DeviceFileCheck::Need;
using Test = Condition::Test;

constexpr std::array<std::string_view, 11> kAlarmMembers{"name",       "text",     "above",      "below",
                                                         "is",         "quality",  "deadband",   "onDelayMs",
                                                         "offDelayMs", "severity", "acknowledge"};

/// One of a few words; left alone where the member is left out.
bool read_word(DeviceFileCheck& check, const DeviceFileMember& object, std::string_view name,
               std::span<const std::string_view> words, std::size_t& into) {
  const auto member = object.child(name);
  if (!member) return true;
  const auto found = std::find(words.begin(), words.end(), member->text().value_or(""));
  if (found == words.end()) return check.wrong(*member, choices(member->text().value_or(""), words));
  into = static_cast<std::size_t>(found - words.begin());
  return true;
}

bool read_name(DeviceFileCheck& check, const DeviceFileMember& member, const Channel& channel,
               AlarmRule& rule) {
  constexpr std::string_view kWords = "the alarm's name: letters, digits, _ and -, such as tooHot";
  if (!check.text(member, "name", Need::required, kWords, rule.name)) return false;
  const DeviceFileMember name = *member.child("name");
  if (!is_valid_path(rule.name) || rule.name.view().find('/') != std::string_view::npos)
    return check.wrong(name, kWords);
  const auto is_same = [&rule](const AlarmRule& other) { return other.name == rule.name; };
  const auto others = channel.alarms();
  return std::none_of(others.begin(), others.end(), is_same) ||
         check.wrong(name, "a name of its own: another alarm of this channel has this one");
}

/// A limit at the end of the range, and one that is never left again, would be no alarm.
bool read_limit(DeviceFileCheck& check, const DeviceFileMember& member, const Channel& channel,
                AlarmRule& rule) {
  const Condition& condition = rule.condition;
  const bool is_number = condition.test != Test::is && !rule.on_bad_quality;
  const auto deadband = member.child("deadband");
  if (!is_number) return !deadband || check.wrong(*deadband, "a deadband", "it beside above or below only");
  const bool above = condition.test == Test::above;
  if (condition.limit == (above ? channel.max : channel.min))
    return check.wrong(*member.child(above ? "above" : "below"),
                       format_text<127>("%.10g, the %s of the channel's range", condition.limit,
                                        above ? "upper end" : "lower end"),
                       "a limit inside the range: readings beyond the range are a fault, see quality");
  const double room = above ? condition.limit - channel.min : channel.max - condition.limit;
  return check.number(member, "deadband",
                      {0.0, room, false, "how far it must come back; within the channel's range"},
                      rule.deadband);
}

bool read_trigger(DeviceFileCheck& check, const DeviceFileMember& member, const Channel& channel,
                  AlarmRule& rule) {
  constexpr std::string_view kWords =
      "exactly one of above, below, is, quality: what the alarm is raised for";
  constexpr std::array<std::string_view, 3> kTests{"is", "below", "above"};
  constexpr std::array<std::string_view, 1> kQualities{"bad"};
  if (!member.child("quality"))
    return read_test(check, member, channel, kWords, rule.condition) &&
           read_limit(check, member, channel, rule);
  for (const std::string_view test : kTests)
    if (const auto second = member.child(test)) return check.wrong(*second, "a second test", kWords);
  std::size_t quality = 0;
  rule.on_bad_quality = true;
  return read_word(check, member, "quality", kQualities, quality) && read_limit(check, member, channel, rule);
}

bool read_alarm(DeviceFileCheck& check, const DeviceFileMember& member, const Channel& channel,
                AlarmRule& rule) {
  constexpr std::array<std::string_view, 2> kSeverities{"warning", "error"};
  std::size_t severity = 0;
  if (!check.object(member, kAlarmMembers) || !read_name(check, member, channel, rule) ||
      !check.text(member, "text", Need::optional, "what it means, what to do", rule.text) ||
      !read_trigger(check, member, channel, rule) ||
      !check.duration(member, "onDelayMs", {0.0, kDayMs, "how long it must hold before it is raised"},
                      rule.on_delay) ||
      !check.duration(member, "offDelayMs", {0.0, kDayMs, "how long it must be over before it is cleared"},
                      rule.off_delay) ||
      !read_word(check, member, "severity", kSeverities, severity) ||
      !check.boolean(member, "acknowledge", Need::optional, rule.acknowledge))
    return false;
  rule.severity = severity == 0 ? Severity::warning : Severity::error;
  return true;
}

}  // namespace

bool read_alarms(DeviceFileCheck& check, const DeviceFileMember& member, ChannelIndex index,
                 Channel& channel) {
  const auto alarms = member.child("alarms");
  if (!alarms) return true;
  if (!alarms->is_array() || alarms->size() == 0 || alarms->size() > kAlarmsMax)
    return check.wrong(*alarms, format_text<95>("a list of 1 to %zu alarms", kAlarmsMax));
  for (std::size_t i = 0; i < alarms->size(); ++i) {
    AlarmRule rule;
    rule.condition.channel = index;
    if (!read_alarm(check, alarms->at(i), channel, rule)) return false;
    channel.declared_alarms[channel.alarms_count++] = rule;
  }
  return true;
}

}  // namespace signalbox::device
