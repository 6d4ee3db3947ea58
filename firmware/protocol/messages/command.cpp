#include "protocol/messages/command.hpp"

#include <array>
#include <span>
#include <utility>

#include "protocol/json_reader.hpp"
#include "protocol/number_text.hpp"

namespace signalbox::protocol {
namespace {

constexpr std::array<std::string_view, 4> kActions{"set", "toggle", "pulse", "release"};
constexpr std::array<std::string_view, 3> kRungs{wire_name(Rung::accepted), wire_name(Rung::applied),
                                                 wire_name(Rung::verified)};
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kExactMax = std::int64_t{1} << 53U;
constexpr std::string_view kValueField = "payload.value";

/// A member that says nothing beside this action is a misunderstanding: told, not ignored.
Result<void> fits_action(const JsonReader& payload, std::string_view name, bool wanted, std::size_t action) {
  if (payload.has(name) == wanted) return {};
  return payload.error(
      Reason::malformed, name,
      format_text<95>("found %s; expected %s beside action \"%.*s\"", wanted ? "nothing" : "a value",
                      wanted ? "one" : "none", length(kActions[action]), kActions[action].data()));
}

Result<Write> read_write(const JsonReader& payload) {
  Write write;
  const Result<std::string_view> channel = payload.text("channel", kPathBytesMax);
  if (!channel) return channel.error();
  if (!is_valid_path(*channel))
    return payload.error(Reason::malformed, "channel",
                         found_instead(*channel, "a path such as cabin/heater"));
  write.channel = *channel;

  const auto action = payload.optional_choice("action", kActions);
  if (!action) return action.error();
  const std::size_t chosen = action->value_or(0);
  write.action = static_cast<Write::Action>(chosen);
  for (const auto& [name, of] :
       {std::pair{"value", Write::Action::set}, std::pair{"pulseMs", Write::Action::pulse}}) {
    const Result<void> fits = fits_action(payload, name, write.action == of, chosen);
    if (!fits) return fits.error();
  }

  const Result<JsonReader::Scalar> value = payload.scalar("value", device::Text::capacity);
  if (!value) return value.error();
  write.value = *value;
  const auto pulse = payload.optional_integer("pulseMs", 1, kDayMs);
  if (!pulse) return pulse.error();
  write.pulse_ms = static_cast<std::uint32_t>(pulse->value_or(0));
  const auto version = payload.optional_integer("ifVersion", 0, kExactMax);
  if (!version) return version.error();
  if (version->has_value()) write.if_version = static_cast<std::uint64_t>(**version);
  return write;
}

Result<void> read_identity(const JsonReader& payload, Terms& terms) {
  const auto epoch = payload.optional_text("epoch", 16);
  if (!epoch) return epoch.error();
  if (epoch->has_value()) terms.epoch = FixedText<16>{**epoch};
  const auto client = payload.optional_text("clientId", terms.client_id.capacity);
  if (!client) return client.error();
  if (client->has_value()) terms.client_id = **client;
  return {};
}

Result<Terms> read_terms(const JsonReader& payload) {
  Terms terms;
  const auto until = payload.optional_choice("until", kRungs);
  if (!until) return until.error();
  if (until->has_value()) terms.until = static_cast<Rung>(**until);

  const auto deadline = payload.optional_integer("deadlineMs", 1, kDeadlineMax_ms);
  if (!deadline) return deadline.error();
  if (deadline->has_value()) terms.deadline_ms = static_cast<std::uint32_t>(**deadline);

  const auto not_after = payload.optional_integer("notAfter", 0, kExactMax);
  if (!not_after) return not_after.error();
  terms.not_after_ms = *not_after;

  const auto lease = payload.optional_integer("leaseMs", 1, kDayMs);
  if (!lease) return lease.error();
  terms.lease_ms = static_cast<std::uint32_t>(lease->value_or(0));

  const Result<void> identity = read_identity(payload, terms);
  if (!identity) return identity.error();
  return terms;
}

Error wrong_value(Reason reason, std::string_view detail) {
  return {.reason = reason, .detail = detail, .field = kValueField};
}

const char* kind_of(const Write::RawValue& raw) {
  constexpr std::array<const char*, 4> words{"nothing", "a number", "true or false", "text"};
  return words[raw.index()];
}

FixedText<79> range_of(const device::Channel& channel) {
  const FixedText<24> min = number_text(channel.min);
  const FixedText<24> max = number_text(channel.max);
  return format_text<79>("a number from %.*s to %.*s%s%.*s", length(min), min.view().data(), length(max),
                         max.view().data(), channel.unit.empty() ? "" : " ", length(channel.unit),
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
                     format_text<95>("found %.*s; expected %.*s", length(digits), digits.view().data(),
                                     length(expected), expected.view().data()));
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
  const Result<Write> write = read_write(payload);
  if (!write) return write.error();
  const Result<Terms> terms = read_terms(payload);
  if (!terms) return terms.error();
  return Command{*write, *terms};
}

Result<Scene> read_scene(const JsonReader& payload) {
  Scene scene;
  const Result<std::size_t> count = payload.list("writes", 1, kWritesMax);
  if (!count) return count.error();
  for (std::size_t i = 0; i < *count; ++i) {
    const Result<JsonReader> entry = payload.object_at("writes", i);
    if (!entry) return entry.error();
    const Result<Write> write = read_write(*entry);
    if (!write) return write.error();
    for (std::size_t earlier = 0; earlier < i; ++earlier)
      if (scene.writes[earlier].channel == write->channel)
        return entry->error(Reason::malformed, "channel",
                            "found it a second time; expected each channel once");
    scene.writes[i] = *write;
  }
  scene.writes_count = static_cast<std::uint8_t>(*count);
  const Result<Terms> terms = read_terms(payload);
  if (!terms) return terms.error();
  scene.terms = *terms;
  return scene;
}

Result<device::Value> value_for(const device::Channel& channel, const Write::RawValue& raw) {
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
                                                        length(expected), expected.view().data()));
}

}  // namespace signalbox::protocol
