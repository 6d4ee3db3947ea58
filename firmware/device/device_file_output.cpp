#include "device/device_file_output.hpp"

#include "device/device_file_condition.hpp"

namespace signalbox::device {
namespace {

using Need = DeviceFileCheck::Need;

constexpr double kFactorMax = 1e12;
constexpr double kLeaseMaxMs = 600'000.0;

/// Members that make sense for one kind of output only.
bool fit_kind(DeviceFileCheck& check, const DeviceFileMember& member, const Channel& channel) {
  const auto rate = member.child("ratePerS");
  if (rate && channel.kind != ValueKind::number)
    return check.wrong(*rate, "a rate of change", "it on outputs of numbers only");
  const auto pulse = member.child("pulseMaxMs");
  if (pulse && channel.kind != ValueKind::boolean)
    return check.wrong(*pulse, "a pulse", "it on outputs that are on or off only");
  return true;
}

bool read_lease(DeviceFileCheck& check, const DeviceFileMember& member, OutputRules& rules) {
  const auto lease = member.child("lease");
  if (!lease) return true;
  constexpr std::array<std::string_view, 2> kAllowed{"required", "maxMs"};
  LeaseRule rule;
  if (!check.object(*lease, kAllowed) || !check.boolean(*lease, "required", Need::optional, rule.required) ||
      !check.duration(*lease, "maxMs", {100.0, kLeaseMaxMs, "the longest lease"}, rule.longest))
    return false;
  rules.lease = rule;
  return true;
}

bool read_baton(DeviceFileCheck& check, const DeviceFileMember& member, Roster& roster, OutputRules& rules) {
  const auto baton = member.child("baton");
  if (!baton) return true;
  constexpr std::string_view kWords =
      "a name of up to 31 letters, digits, _ and -: outputs of one name are controlled by one at a time";
  const std::string_view name = baton->text().value_or("");
  if (name.size() > 31 || !is_valid_path(name) || name.find('/') != std::string_view::npos)
    return check.wrong(*baton, kWords);
  rules.baton = roster.add_baton(name);
  return rules.baton != kNoBaton ||
         check.wrong(*baton, "one baton more", format_text<95>("at most %zu different ones", kBatonsMax));
}

bool read_interlocks(DeviceFileCheck& check, const DeviceFileMember& member, Roster& roster,
                     ChannelIndex output) {
  const auto interlocks = member.child("interlocks");
  if (!interlocks) return true;
  constexpr std::array<std::string_view, 4> kAllowed{"channel", "is", "below", "above"};
  if (!interlocks->is_array() || interlocks->size() == 0 || interlocks->size() > kInterlocksMax)
    return check.wrong(*interlocks, format_text<95>("a list of 1 to %zu conditions", kInterlocksMax));
  OutputRules& rules = *roster.channels()[output].output;
  for (std::size_t i = 0; i < interlocks->size(); ++i) {
    const DeviceFileMember interlock = interlocks->at(i);
    Condition condition;
    if (!check.object(interlock, kAllowed) || !read_condition(check, interlock, roster, condition))
      return false;
    if (condition.channel == output)
      return check.wrong(*interlock.child("channel"), "the output itself", "another channel");
    rules.interlocks[rules.interlocks_count++] = condition;
  }
  return true;
}

bool read_override(DeviceFileCheck& check, const DeviceFileMember& member, Roster& roster,
                   ChannelIndex output) {
  const auto found = member.child("override");
  if (!found) return true;
  constexpr std::array<std::string_view, 5> kAllowed{"channel", "is", "below", "above", "value"};
  Channel& channel = roster.channels()[output];
  LocalOverride local{.when = {}, .value = channel.output->safe};
  if (!check.object(*found, kAllowed) || !read_condition(check, *found, roster, local.when) ||
      !read_value(check, *found, "value", channel, local.value))
    return false;
  if (roster.channels()[local.when.channel].is_output())
    return check.wrong(*found->child("channel"), "an output", "an input: a switch on the device");
  channel.output->local_override = local;
  return true;
}

bool read_feedback(DeviceFileCheck& check, const DeviceFileMember& member, Roster& roster,
                   ChannelIndex output) {
  constexpr std::array<std::string_view, 5> kAllowed{"channel", "scale", "offset", "tolerance", "verifyMs"};
  constexpr std::string_view kWords = "the path of a channel that measures what the output does";
  constexpr DeviceFileCheck::NumberRule kFactor{.min = -kFactorMax, .max = kFactorMax};
  Feedback feedback;
  if (!check.object(member, kAllowed) || !read_watched(check, member, roster, kWords, feedback.channel) ||
      !check.number(member, "scale", kFactor, feedback.scale) ||
      !check.number(member, "offset", kFactor, feedback.offset) ||
      !check.number(member, "tolerance", {.min = 0.0, .max = kFactorMax}, feedback.tolerance) ||
      !check.duration(member, "verifyMs", {1.0, kDayMs, "how long after `applied` it may take"},
                      feedback.within))
    return false;
  const DeviceFileMember named = *member.child("channel");
  Channel& moved = roster.channels()[output];
  const Channel& seen = roster.channels()[feedback.channel];
  const FixedText<kPathBytesMax>& path = seen.path;
  if (seen.is_output())
    return check.wrong(named, format_text<127>("\"%s\", an output", path.c_str()), kWords);
  const auto counts = [](ValueKind kind) { return kind == ValueKind::number || kind == ValueKind::boolean; };
  if (seen.kind != moved.kind && !(counts(seen.kind) && counts(moved.kind))) {
    const std::string_view kind = wire_name(moved.kind);
    const std::string_view seen_kind = wire_name(seen.kind);
    return check.wrong(
        named,
        format_text<127>("\"%s\", whose kind is %.*s", path.c_str(), length(seen_kind), seen_kind.data()),
        format_text<95>("a channel that can be compared with a %.*s", length(kind), kind.data()));
  }
  moved.output->feedback = feedback;
  return true;
}

}  // namespace

bool read_output(DeviceFileCheck& check, const DeviceFileMember& member, const PortSpec& port, Roster& roster,
                 Channel& channel) {
  OutputRules rules;
  rules.command_deadline = port.deadline;
  if (!member.child("safe"))
    return check.missing(member, "safe",
                         "the value the output takes when the device stops or loses its holder");
  if (!read_value(check, member, "safe", channel, rules.safe)) return false;
  rules.initial = rules.safe;
  if (!fit_kind(check, member, channel) || !read_value(check, member, "initial", channel, rules.initial) ||
      !check.duration(member, "deadlineMs",
                      {1.0, 60'000.0, "how long a command that names no deadline may wait"},
                      rules.command_deadline) ||
      !check.duration(member, "pulseMaxMs", {1.0, kDayMs, "the longest pulse"}, rules.pulse_longest) ||
      !check.duration(member, "minOnMs", {0.0, kDayMs, "it stays away from `safe` at least so long"},
                      rules.on_at_least) ||
      !check.duration(member, "minOffMs", {0.0, kDayMs, "it stays at `safe` at least so long"},
                      rules.off_at_least) ||
      !check.number(member, "ratePerS", {1e-6, kFactorMax, false, "the fastest change, per second"},
                    rules.change_per_second) ||
      !read_lease(check, member, rules) || !read_baton(check, member, roster, rules))
    return false;
  const bool is_guarded = member.child("interlocks") || (rules.lease && rules.lease->required);
  if (is_guarded && rules.initial != rules.safe)
    return check.wrong(*member.child("initial"), "another value than `safe`",
                       "the safe value, since a lease is required or interlocks must hold");
  channel.output = rules;
  return true;
}

bool read_relations(DeviceFileCheck& check, const DeviceFileMember& member, Roster& roster,
                    ChannelIndex output) {
  const auto feedback = member.child("feedback");
  return (!feedback || read_feedback(check, *feedback, roster, output)) &&
         read_interlocks(check, member, roster, output) && read_override(check, member, roster, output);
}

bool read_stop(DeviceFileCheck& check, const DeviceFileMember& member, Roster& roster) {
  constexpr std::array<std::string_view, 4> kAllowed{"channel", "is", "below", "above"};
  Condition condition;
  if (!check.object(member, kAllowed) || !read_condition(check, member, roster, condition)) return false;
  if (roster.channels()[condition.channel].is_output())
    return check.wrong(*member.child("channel"), "an output", "an input: a stop button");
  roster.stop_input = condition;
  return true;
}

}  // namespace signalbox::device
