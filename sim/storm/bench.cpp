#include "sim/storm/bench.hpp"

#include <algorithm>

#include "drivers/catalogue.hpp"
#include "machine/storage.hpp"

namespace signalbox::sim::storm {
namespace {

constexpr Budget kTiny{.sessions_max = 3,
                       .subscriptions_per_session_max = 2,
                       .commands_per_session_max = 2,
                       .answers_per_session_max = 10,
                       .frames_per_session_max = 2,
                       .frames_max = 4,
                       .frame_bytes = 8192,
                       .inboxes_max = 2,
                       .message_bytes_max = 1024,
                       .commands_max = 4,
                       .subscription_groups_max = 4,
                       .events_max = 8,
                       .presence_max = 16,
                       .announcements_max = 5,
                       .log_lines_max = 24,
                       .remembered_answers_max = 5,
                       .journal_records_max = 6,
                       .channels_max = 10,
                       .history_per_channel_max = 16,
                       .parts_max = 10};
constexpr Budget kMiddle{.sessions_max = 8,
                         .subscriptions_per_session_max = 4,
                         .commands_per_session_max = 6,
                         .answers_per_session_max = 16,
                         .frames_per_session_max = 3,
                         .frames_max = 16,
                         .frame_bytes = 8192,
                         .inboxes_max = 4,
                         .message_bytes_max = 1500,
                         .commands_max = 16,
                         .subscription_groups_max = 10,
                         .events_max = 16,
                         .presence_max = 16,
                         .announcements_max = 5,
                         .log_lines_max = 24,
                         .remembered_answers_max = 42,
                         .journal_records_max = 40,
                         .channels_max = 10,
                         .history_per_channel_max = 64,
                         .parts_max = 10};

const device::PartKind* kind_of(std::string_view name) {
  for (const device::PartKind& kind : drivers::catalogue())
    if (kind.name == name) return &kind;
  return nullptr;
}

/// A part with one channel at its port 0.
device::Channel& add(device::Roster& roster, std::string_view kind, std::string_view path,
                     std::initializer_list<device::Setting> settings) {
  device::Part* part = roster.add_part();
  device::Channel* channel = roster.add_channel();
  SIGNALBOX_CHECK(part != nullptr && channel != nullptr && kind_of(kind) != nullptr);
  part->kind = kind_of(kind);
  part->name = path;
  std::copy(settings.begin(), settings.end(), part->settings.values.begin());
  channel->path = path;
  part->channels[0] = roster.find(path);
  const device::PortSpec& port = part->kind->ports[0];
  channel->kind = port.kind;
  channel->unit = port.unit;
  channel->min = port.min;
  channel->max = port.max;
  channel->part = static_cast<std::uint8_t>(roster.parts().size() - 1);
  channel->stale_after = from_ms(1500);
  return *channel;
}

}  // namespace

device::ChannelIndex bench::place_of(std::string_view path) {
  const auto found = std::find(kPaths.begin(), kPaths.end(), path);
  return found == kPaths.end() ? device::kNoChannel
                               : static_cast<device::ChannelIndex>(found - kPaths.begin());
}

void bench::declare(device::Roster& roster, bool guarded) {
  roster.id = "storm";
  add(roster, "tmp102", kPaths[kTemperature], {1.0, 72.0, 90.0});
  device::Channel& heater = add(roster, "relay", kPaths[kHeater], {device::Text{"heater"}, false, 70.0});
  heater.output = device::OutputRules{
      .initial = false,
      .safe = kHeaterSafe,
      .command_deadline = from_ms(kCommandDeadline_ms),
      .feedback = device::Feedback{.channel = kHeaterSense, .tolerance = 0.1, .within = from_ms(120)}};
  add(roster, "digitalInput", kPaths[kHeaterSense], {device::Text{"heater-sense"}, false, 20.0});
  add(roster, "digitalInput", kPaths[kDoor], {device::Text{"door"}, false, 110.0});
  device::Channel& fan = add(roster, "pwmFan", kPaths[kFan], {device::Text{"fan"}, 25000.0, 130.0});
  // The channel counts from 0 to 1, the fan in percent.
  fan.scale = 0.01;
  fan.max = 1.0;
  fan.unit = "1";
  fan.output = device::OutputRules{
      .initial = 0.5, .safe = kFanSafe, .command_deadline = from_ms(kCommandDeadline_ms), .feedback = {}};
  add(roster, "analogLevel", kPaths[kTank], {device::Text{"tank"}, 150.0});
  add(roster, "hostUptime", kPaths[kUptime], {170.0});
  if (!guarded) return;
  device::OutputRules& heating = *roster.channels()[kHeater].output;
  heating.lease = device::LeaseRule{.required = true, .longest = from_ms(kLeaseMax_ms)};
  heating.pulse_longest = from_ms(300);
  using Test = device::Condition::Test;
  const auto needs = [](device::OutputRules& rules, const device::Condition& condition) {
    rules.interlocks[rules.interlocks_count++] = condition;
  };
  needs(heating, {.channel = kDoor, .value = false});
  needs(heating, {.channel = kLamp, .value = false});
  needs(heating, {.channel = kFan, .test = Test::above, .limit = kHeaterFan});
  device::OutputRules lighting{.command_deadline = from_ms(kCommandDeadline_ms)};
  needs(lighting, {.channel = kHeater, .value = false});
  needs(lighting, {.channel = kFan, .test = Test::above, .limit = kLampFan});
  lighting.on_at_least = kLampOnAtLeast;
  lighting.off_at_least = kLampOffAtLeast;
  lighting.lease = device::LeaseRule{.longest = from_ms(kLeaseMax_ms)};
  add(roster, "relay", kPaths[kLamp], {device::Text{"lamp"}, false, 140.0}).output = lighting;
  add(roster, "digitalInput", kPaths[kStop],
      {device::Text{"stop-button"}, false, static_cast<double>(to_ms(kStopPeriod))})
      .stale_after = kStopStale;
  roster.stop_input = device::Condition{.channel = kStop, .value = true};
  roster.channels()[kFan].output->local_override = {.when = {.channel = kDoor, .value = true},
                                                    .value = kFanOverride};
  heating.baton = roster.add_baton("air");
  roster.channels()[kFan].output->baton = heating.baton;
}

machine::Machine::Memory memory_of(Size size) {
  return size == Size::tiny ? machine::Storage<kTiny>::machine() : machine::Storage<kMiddle>::machine();
}

std::size_t parked_max_of(Size size) { return (size == Size::tiny ? kTiny : kMiddle).sessions_max; }

protocol::Limits limits_of(Size size) {
  const Budget& budget = size == Size::tiny ? kTiny : kMiddle;
  return {.sessions = budget.sessions_max,
          .message_bytes = budget.message_bytes_max,
          .subscriptions = budget.subscriptions_per_session_max,
          .commands_in_flight = budget.commands_per_session_max,
          .authenticate_ms = 600,
          .heartbeat_ms = 300,
          .dead_after_ms = 1000,
          .unread_after_ms = 800,
          .bytes_per_s = size == Size::tiny ? 30'000U : 0U};  // some are read later than they are sent
}

}  // namespace signalbox::sim::storm
