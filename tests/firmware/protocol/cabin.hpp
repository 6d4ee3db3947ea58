#pragma once

#include <array>
#include <string>

#include "base/principal.hpp"
#include "protocol/dialect.hpp"

namespace signalbox::protocol {

/// A small device to render messages from: every kind of channel, one of them with all there is to declare.
/// The time is 5 s after start, Unix 1,763,683,200,123 ms.
class Cabin : private telemetry::AlarmListener {
 public:
  enum : device::ChannelIndex { temperature, heater, fan, mode, note, count };
  static constexpr std::int64_t kUnixMs = 1'763'683'200'123;

  Cabin() {
    roster.id = "bench-1";
    roster.title = "Bench";
    device::Channel& air = add("cabin/temperature", device::ValueKind::number, "Cel", -40, 85);
    air.title = "Air in the cabin";
    air.declared_alarms[air.alarms_count++] = {
        .name = "tooWarm",
        .text = "Open a window",
        .condition = {temperature, device::Condition::Test::above, {}, 21},
        .deadband = 0.5,
        .on_delay = from_ms(2000),
        .off_delay = from_ms(1000),
        .acknowledge = true};
    air.declared_alarms[air.alarms_count++] = {
        .name = "blind", .on_bad_quality = true, .severity = Severity::error};
    device::OutputRules heating;
    heating.command_deadline = from_ms(1500);
    add("cabin/heater", device::ValueKind::boolean).output = heating;
    device::OutputRules blowing;
    blowing.initial = 20.0;
    blowing.safe = 0.0;
    blowing.feedback = device::Feedback{.channel = temperature, .scale = 0.5, .offset = 3, .tolerance = 2};
    add("cabin/fan", device::ValueKind::number, "%", 0, 100).output = blowing;
    device::Channel& choice = add("cabin/mode", device::ValueKind::enumeration);
    choice.labels = {"off", "low", "high"};
    choice.labels_count = 3;
    device::OutputRules choosing;
    choosing.initial = device::EnumIndex{0};
    choosing.safe = device::EnumIndex{0};
    choice.output = choosing;
    add("cabin/note", device::ValueKind::text);
    put(temperature, 21.5);
    put(heater, true);
    put(mode, device::EnumIndex{2});
    put(note, device::Text{"door \"A\""});
    alarms.step(now - from_ms(3000));
    alarms.step(now - from_ms(1000));
  }

  /// A good sample, taken one second ago.
  void put(device::ChannelIndex channel, const device::Value& value) {
    put(channel, {value, device::Quality::good, now - from_ms(1000)});
  }
  void put(device::ChannelIndex channel, const device::Sample& sample) {
    values.put(channel, sample);
    history.put(channel, values.of(channel));
  }

  device::Channel& channel(device::ChannelIndex index) { return roster.channels()[index]; }

  View view() const {
    return {roster, values, history, limits, clock, now, "e7f3", "0.1.0", false, &journal, &alarms};
  }

  std::string encode(const Told& told, const Principal* asker = nullptr) const {
    std::array<char, 8192> buffer{};
    return std::string{envelope().encode(Answer{{"c-17", "t-1"}, told}, asker, view(), buffer)};
  }
  std::string encode(const Published& published) const {
    std::array<char, 8192> buffer{};
    return std::string{envelope().encode(published, view(), buffer)};
  }

  std::array<device::Channel, count> channels{};
  device::Roster roster{channels, {}};
  std::array<device::Latest, count> latest{};
  device::Values values{latest};
  std::array<telemetry::History::Track, count> tracks{};
  std::array<telemetry::History::Entry, std::size_t{count} * 8> past{};
  telemetry::History history{{tracks, past}};
  std::array<telemetry::Alarms::OfChannel, count> alarm_states{};
  telemetry::Alarms alarms{roster, values, alarm_states, *this};
  std::array<journal::Record, 8> records{};
  journal::Journal journal{{records, {}}};
  Limits limits{.sessions = 64,
                .message_bytes = 4096,
                .nesting = 16,
                .subscriptions = 4,
                .commands_in_flight = 8,
                .history_samples = 1024,
                .authenticate_ms = 5000,
                .heartbeat_ms = 20'000,
                .dead_after_ms = 45'000,
                .unread_after_ms = 30'000,
                .requests_per_s = 200,
                .bytes_per_s = 262'144,
                .failed_logins = 5,
                .connections_per_address = 64};
  Instant now{from_ms(5000)};
  WallClock clock{.at = Instant{from_ms(4000)}, .wall = {kUnixMs - 1000}};
  Principal principal{.name = "owner", .scope = *Scope::parse("read:# control:cabin/#")};

 private:
  std::uint64_t do_alarm_changed(const telemetry::AlarmChange&) override { return 6; }

  device::Channel& add(const char* path, device::ValueKind kind, const char* unit = "", double min = 0,
                       double max = 0) {
    device::Channel& added = *roster.add_channel();
    added.path = path;
    added.kind = kind;
    added.unit = unit;
    added.min = min;
    added.max = max;
    return added;
  }
};

}  // namespace signalbox::protocol
