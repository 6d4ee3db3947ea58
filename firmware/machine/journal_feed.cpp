#include "machine/journal_feed.hpp"

#include <algorithm>
#include <limits>

#include "protocol/number_text.hpp"

namespace signalbox::machine {
namespace {

/// Empty where it is no value of that channel: what a toggle would have brought, had its turn come.
FixedText<31> value_text(const device::Channel& channel, const device::Value& value) {
  if (device::kind_of(value) != channel.kind) return {};
  if (const double* number = std::get_if<double>(&value)) return protocol::number_text(*number).view();
  if (const bool* boolean = std::get_if<bool>(&value)) return *boolean ? "true" : "false";
  if (const device::Text* text = std::get_if<device::Text>(&value)) return *text;
  const std::size_t label = std::get<device::EnumIndex>(value).index;
  return label < channel.labels_count ? channel.labels[label].view() : std::string_view{};
}

std::uint32_t latency_ms(Duration taken) {
  constexpr std::int64_t kMax = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(to_ms(taken), 0, kMax));
}

}  // namespace

journal::Record record_of(const control::Actuation& actuation, const device::Channel& channel,
                          const WallClock& clock) {
  return {.at_ms = clock.label(actuation.at).unix_ms,
          .kind = journal::Record::Kind::actuation,
          .latency_ms = latency_ms(actuation.at - actuation.asked_at),
          .channel = channel.path,
          .cause = wire_name(actuation.cause),
          .who = actuation.actor.name,
          .session = actuation.actor.session,
          .peer = actuation.actor.peer,
          .trace_id = actuation.trace_id,
          .before = value_text(channel, actuation.before),
          .after = value_text(channel, actuation.after),
          .outcome = actuation.failed ? wire_name(*actuation.failed) : journal::Record::kApplied};
}

journal::Record record_of(const control::StopChange& change, const WallClock& clock) {
  return {.at_ms = clock.label(change.at).unix_ms,
          .kind = change.stopped ? journal::Record::Kind::stop : journal::Record::Kind::reset,
          .who = change.by.name,
          .session = change.by.session,
          .peer = change.by.peer,
          .trace_id = change.trace_id};
}

journal::Record record_of_reload(const control::Actor& by, std::string_view trace_id, Instant at,
                                 const WallClock& clock) {
  return {.at_ms = clock.label(at).unix_ms,
          .kind = journal::Record::Kind::reloaded,
          .who = by.name,
          .session = by.session,
          .peer = by.peer,
          .trace_id = trace_id};
}

journal::Record record_of(const telemetry::AlarmChange& change, const device::Channel& channel,
                          const WallClock& clock) {
  return {.at_ms = clock.label(change.at).unix_ms,
          .kind = journal::Record::Kind::acknowledgement,
          .channel = channel.path,
          .who = change.by.name,
          .session = change.by.session,
          .peer = change.by.peer,
          .trace_id = change.by.trace_id,
          .detail = change.name};
}

}  // namespace signalbox::machine
