#include "protocol/messages/subscribe.hpp"

#include <array>

#include "protocol/json_reader.hpp"
#include "protocol/json_writer.hpp"
#include "protocol/messages/telemetry.hpp"

namespace signalbox::protocol {
namespace {

using Mode = RatePolicy::Mode;

constexpr std::array<std::string_view, 2> kModes{"instant", "fixed"};
constexpr std::int64_t kPeriodMinMs = 50;
constexpr std::int64_t kPeriodMaxMs = 3'600'000;
constexpr double kDeadbandMax = 1e12;

/// A member that says nothing in the mode asked for is a misunderstanding: told, not ignored.
Result<void> refuse_members_of_other_mode(const JsonReader& payload, Mode mode) {
  constexpr std::array<std::string_view, 2> of_instant{"minPeriodMs", "deadband"};
  if (mode == Mode::instant && payload.has("periodMs"))
    return payload.error(Reason::malformed, "periodMs",
                         "found it beside mode \"instant\"; expected it left out");
  for (const std::string_view name : of_instant)
    if (mode == Mode::fixed && payload.has(name))
      return payload.error(Reason::malformed, name, "found it beside mode \"fixed\"; expected it left out");
  return {};
}

Result<RatePolicy> read_policy(const JsonReader& payload) {
  RatePolicy policy;
  const auto mode = payload.optional_choice("mode", kModes);
  if (!mode) return mode.error();
  policy.mode = static_cast<Mode>(mode->value_or(0));
  const Result<void> fits_mode = refuse_members_of_other_mode(payload, policy.mode);
  if (!fits_mode) return fits_mode.error();

  const auto period = payload.optional_integer("periodMs", kPeriodMinMs, kPeriodMaxMs);
  if (!period) return period.error();
  if (period->has_value()) policy.period = from_ms(**period);

  const auto min_period = payload.optional_integer("minPeriodMs", 0, kPeriodMaxMs);
  if (!min_period) return min_period.error();
  if (min_period->has_value()) policy.min_period = from_ms(**min_period);

  const auto deadband = payload.optional_number("deadband", 0.0, kDeadbandMax);
  if (!deadband) return deadband.error();
  policy.deadband = deadband->value_or(0.0);
  return policy;
}

void write_place(JsonWriter& writer, const SubscriptionId& id, std::uint64_t offset, const View& view) {
  writer.key("id").text(id);
  writer.key("epoch").text(view.epoch);
  writer.key("offset").counter(offset);
}

}  // namespace

Result<std::optional<LastSeen>> read_last_seen(const JsonReader& payload) {
  if (!payload.has("resume")) return std::optional<LastSeen>{};
  const Result<JsonReader> resume = payload.object("resume");
  if (!resume) return resume.error();
  const Result<std::string_view> epoch = resume->text("epoch", FixedText<16>::capacity);
  if (!epoch) return epoch.error();
  const Result<std::uint64_t> offset = resume->counter("offset");
  if (!offset) return offset.error();
  return std::optional{LastSeen{*epoch, *offset}};
}

Result<Subscribe> read_subscribe(const JsonReader& payload) {
  Subscribe subscribe;
  const Result<std::string_view> id = payload.text("id", SubscriptionId::capacity);
  if (!id) return id.error();
  subscribe.id = *id;
  const Result<Patterns> paths = read_patterns(payload);
  if (!paths) return paths.error();
  subscribe.paths = *paths;
  const Result<RatePolicy> policy = read_policy(payload);
  if (!policy) return policy.error();
  subscribe.policy = *policy;
  const Result<bool> events = payload.flag("events");
  if (!events) return events.error();
  subscribe.events = *events;
  const Result<bool> presence = payload.flag("presence");
  if (!presence) return presence.error();
  subscribe.presence = *presence;
  if (subscribe.presence && !subscribe.events)
    return payload.error(Reason::malformed, "presence",
                         "found it without \"events\": true; expected both or none");
  const Result<std::optional<LastSeen>> resume = read_last_seen(payload);
  if (!resume) return resume.error();
  subscribe.resume = *resume;
  return subscribe;
}

Result<Unsubscribe> read_unsubscribe(const JsonReader& payload) {
  const Result<std::string_view> id = payload.text("id", SubscriptionId::capacity);
  if (!id) return id.error();
  return Unsubscribe{*id};
}

void write_payload(JsonWriter& writer, const Snapshot& snapshot, const View& view) {
  writer.begin_object();
  write_place(writer, snapshot.id, view.values.offset(), view);
  if (snapshot.recovered) writer.key("recovered").boolean(*snapshot.recovered);
  write_samples(writer, snapshot.channels, {}, snapshot.channels, view);
  writer.end_object();
}

void write_payload(JsonWriter& writer, const Synced& synced, const View& view) {
  writer.begin_object();
  write_place(writer, synced.id, synced.offset, view);
  writer.end_object();
}

}  // namespace signalbox::protocol
