#include "protocol/messages/command.hpp"

#include <array>
#include <span>

#include "protocol/json_reader.hpp"
#include "protocol/number_text.hpp"

namespace signalbox::protocol {
namespace {

constexpr std::array<std::string_view, 2> kActions{"set", "toggle"};
constexpr std::array<std::string_view, 3> kRungs{wire_name(Rung::accepted), wire_name(Rung::applied),
                                                 wire_name(Rung::verified)};
/// Conditions of later versions: running a command without the condition it came with would be wrong.
constexpr std::array<std::string_view, 2> kNotOffered{"leaseMs", "ifVersion"};
constexpr std::int64_t kDeadlineMaxMs = 3'600'000;
constexpr std::int64_t kUnixMaxMs = std::int64_t{1} << 53U;
constexpr std::string_view kValueField = "payload.value";

int size_of(std::string_view text) { return static_cast<int>(text.size()); }

Result<void> read_what(const JsonReader& payload, Command& command) {
  const Result<std::string_view> channel = payload.text("channel", kPathBytesMax);
  if (!channel) return channel.error();
  if (!is_valid_path(*channel))
    return payload.error(Reason::malformed, "channel",
                         found_instead(*channel, "a path such as cabin/heater"));
  command.channel = *channel;

  const auto action = payload.optional_choice("action", kActions);
  if (!action) return action.error();
  command.action = static_cast<Command::Action>(action->value_or(0));

  const Result<JsonReader::Scalar> value = payload.scalar("value", device::Text::capacity);
  if (!value) return value.error();
  const bool is_set = command.action == Command::Action::set;
  if (is_set && !payload.has("value"))
    return payload.error(Reason::malformed, "value", "found nothing; expected the value to set");
  if (!is_set && payload.has("value"))
    return payload.error(Reason::malformed, "value", "found a value; expected none beside action \"toggle\"");
  command.value = *value;
  return {};
}

Result<void> read_when(const JsonReader& payload, Command& command) {
  const auto until = payload.optional_choice("until", kRungs);
  if (!until) return until.error();
  if (until->has_value()) command.until = static_cast<Rung>(**until);

  const auto deadline = payload.optional_integer("deadlineMs", 1, kDeadlineMaxMs);
  if (!deadline) return deadline.error();
  if (deadline->has_value()) command.deadline_ms = static_cast<std::uint32_t>(**deadline);

  const auto not_after = payload.optional_integer("notAfter", 0, kUnixMaxMs);
  if (!not_after) return not_after.error();
  command.not_after_ms = *not_after;

  const auto epoch = payload.optional_text("epoch", 16);
  if (!epoch) return epoch.error();
  if (epoch->has_value()) command.epoch = FixedText<16>{**epoch};

  for (const std::string_view name : kNotOffered)
    if (payload.has(name))
      return payload.error(Reason::malformed, name, "this device does not offer it; expected it left out");
  return {};
}

Error wrong_value(Reason reason, std::string_view detail) {
  return {.reason = reason, .detail = detail, .field = kValueField};
}

const char* kind_of(const Command::RawValue& raw) {
  constexpr std::array<const char*, 4> words{"nothing", "a number", "true or false", "text"};
  return words[raw.index()];
}

FixedText<79> range_of(const device::Channel& channel) {
  const FixedText<24> min = number_text(channel.min);
  const FixedText<24> max = number_text(channel.max);
  return format_text<79>("a number from %.*s to %.*s%s%.*s", size_of(min), min.view().data(), size_of(max),
                         max.view().data(), channel.unit.empty() ? "" : " ", size_of(channel.unit),
                         channel.unit.view().data());
}

/// The channel's labels as words.
struct Labels {
  explicit Labels(const device::Channel& channel) : count{channel.labels_count} {
    for (std::size_t i = 0; i < count; ++i) words[i] = channel.labels[i];
  }
  std::span<const std::string_view> all() const { return std::span{words}.first(count); }

  std::array<std::string_view, device::kLabelsMax> words{};
  std::size_t count;
};

FixedText<79> expected_for(const device::Channel& channel) {
  switch (channel.kind) {
    case device::ValueKind::number: return range_of(channel);
    case device::ValueKind::boolean: return "true or false";
    case device::ValueKind::text: return format_text<79>("text of at most %zu bytes", device::Text::capacity);
    default: return one_of(Labels{channel}.all());
  }
}

Result<device::Value> number_for(const device::Channel& channel, double number) {
  if (number >= channel.min && number <= channel.max) return device::Value{number};
  const FixedText<24> digits = number_text(number);
  const FixedText<79> expected = range_of(channel);
  return wrong_value(Reason::out_of_range,
                     format_text<95>("found %.*s; expected %.*s", size_of(digits), digits.view().data(),
                                     size_of(expected), expected.view().data()));
}

Result<device::Value> text_for(const device::Channel& channel, std::string_view text) {
  if (channel.kind == device::ValueKind::text) {
    device::Text value;
    if (value.assign(text)) return device::Value{value};
    return wrong_value(Reason::too_big, format_text<95>("found %zu bytes; expected at most %zu", text.size(),
                                                        device::Text::capacity));
  }
  for (std::uint8_t i = 0; i < channel.labels_count; ++i)
    if (channel.labels[i].view() == text) return device::Value{device::EnumIndex{i}};
  return wrong_value(Reason::out_of_range, found_instead(text, expected_for(channel)));
}

}  // namespace

Result<Command> read_command(const JsonReader& payload) {
  Command command;
  const Result<void> what = read_what(payload, command);
  if (!what) return what.error();
  const Result<void> when = read_when(payload, command);
  if (!when) return when.error();
  return command;
}

Result<device::Value> value_for(const device::Channel& channel, const Command::RawValue& raw) {
  const double* number = std::get_if<double>(&raw);
  const bool* boolean = std::get_if<bool>(&raw);
  const std::string_view* text = std::get_if<std::string_view>(&raw);
  switch (channel.kind) {
    case device::ValueKind::number:
      if (number != nullptr) return number_for(channel, *number);
      break;
    case device::ValueKind::boolean:
      if (boolean != nullptr) return device::Value{*boolean};
      break;
    default:
      if (text != nullptr) return text_for(channel, *text);
  }
  const FixedText<79> expected = expected_for(channel);
  return wrong_value(Reason::malformed, format_text<95>("found %s; expected %.*s", kind_of(raw),
                                                        size_of(expected), expected.view().data()));
}

}  // namespace signalbox::protocol
