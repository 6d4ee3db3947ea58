#include "telemetry/alarms.hpp"

#include <algorithm>

namespace signalbox::telemetry {

using Stage = AlarmState::Stage;

Instant Alarms::step(Instant now) {
  if (!begun_) begun_ = now;
  if (values_.offset() == looked_at_ && now < due_) return due_;
  due_ = kNever;
  const std::span<const device::Channel> channels = roster_.channels();
  for (std::size_t i = 0; i < channels.size(); ++i) {
    if (channels[i].alarms_count == 0) continue;
    const auto channel = static_cast<device::ChannelIndex>(i);
    if (values_.of(channel).version != states_[i].version || now >= states_[i].due) look_at(channel, now);
    due_ = std::min(due_, states_[i].due);
  }
  looked_at_ = values_.offset();
  return due_;
}

void Alarms::look_at(device::ChannelIndex channel, Instant now) {
  OfChannel& its = states_[channel];
  its.version = values_.of(channel).version;
  its.due = kNever;
  for (std::uint8_t i = 0; i < roster_.channels()[channel].alarms_count; ++i)
    its.due = std::min(its.due, judge({channel, i}, now));
}

/// Moves one alarm on as far as it goes now; returns when its delay ends.
Instant Alarms::judge(const AlarmId& alarm, Instant now) {
  const device::AlarmRule& declared = rule(alarm);
  const device::Sample& sample = values_.of(alarm.channel).sample;
  AlarmState& state = states_[alarm.channel].states[alarm.place];
  const bool stood = state.stands();
  bool holds = !device::is_usable(sample.quality);
  if (declared.on_bad_quality) {
    // A part is given time for its first reading.
    if (is_unread(alarm.channel, now)) return read_by(alarm.channel);
  } else if (holds) {
    if (stood) state.due = kNever;
    return kNever;
  } else {
    holds = declared.holds(sample.value, stood);
  }
  if (holds == stood) {
    state.due = kNever;
    return kNever;
  }
  if (state.due == kNever) state.due = now + (stood ? declared.off_delay : declared.on_delay);
  if (now < state.due) return state.due;
  state.due = kNever;
  if (stood)
    clear(alarm, now);
  else
    raise(alarm, now);
  return kNever;
}

/// Nothing was heard of the channel yet, and it is not late.
bool Alarms::is_unread(device::ChannelIndex channel, Instant now) const {
  return values_.of(channel).offset == states_[channel].unread_at && now < read_by(channel);
}

/// When a first reading is late.
Instant Alarms::read_by(device::ChannelIndex channel) const {
  return std::max(*begun_, states_[channel].begun) + roster_.channels()[channel].stale_after;
}

void Alarms::redeclare(device::ChannelIndex channel, std::span<const device::AlarmRule> before, Instant now) {
  OfChannel& its = states_[channel];
  const std::span<const device::AlarmRule> after = roster_.channels()[channel].alarms();
  const std::array<AlarmState, device::kAlarmsMax> were = its.states;
  its.states = {};
  for (std::size_t i = 0; i < before.size(); ++i) {
    const auto same = std::find(after.begin(), after.end(), before[i]);
    if (same != after.end()) {
      its.states[static_cast<std::size_t>(same - after.begin())] = were[i];
    } else if (were[i].stands()) {
      const AlarmId alarm{channel, static_cast<std::uint8_t>(i)};
      listener_.alarm_changed({AlarmChange::Kind::cleared, alarm, now, were[i].raised, {}, before[i].name});
    }
  }
  its.due = due_ = Instant::min();
}

void Alarms::wait_for_reading(device::ChannelIndex channel, Instant now) {
  states_[channel].begun = now;
  states_[channel].unread_at = values_.of(channel).offset;
  states_[channel].due = due_ = Instant::min();
}

void Alarms::raise(const AlarmId& alarm, Instant now) {
  AlarmState& state = states_[alarm.channel].states[alarm.place];
  state.stage = Stage::active;
  state.since = now;
  state.acknowledged_by.clear();
  state.raised = listener_.alarm_changed({AlarmChange::Kind::raised, alarm, now, 0, {}, rule(alarm).name});
}

void Alarms::clear(const AlarmId& alarm, Instant now) {
  AlarmState& state = states_[alarm.channel].states[alarm.place];
  const bool is_owed = rule(alarm).acknowledge && state.stage == Stage::active;
  state.stage = is_owed ? Stage::cleared : Stage::normal;
  state.since = now;
  listener_.alarm_changed({AlarmChange::Kind::cleared, alarm, now, state.raised, {}, rule(alarm).name});
}

std::optional<AlarmId> Alarms::raised_at(std::uint64_t offset) const {
  if (offset == 0) return std::nullopt;
  const std::span<const device::Channel> channels = roster_.channels();
  for (std::size_t i = 0; i < channels.size(); ++i)
    for (std::uint8_t place = 0; place < channels[i].alarms_count; ++place)
      if (states_[i].states[place].raised == offset)
        return AlarmId{static_cast<device::ChannelIndex>(i), place};
  return std::nullopt;
}

Result<void> Alarms::acknowledge(const AlarmId& alarm, const Acknowledger& by, Instant now) {
  if (!rule(alarm).acknowledge)
    return Error{Reason::conflict, "this alarm needs no acknowledgement; it ends with its condition"};
  AlarmState& state = states_[alarm.channel].states[alarm.place];
  if (state.stage != Stage::active && state.stage != Stage::cleared) return {};
  state.stage = state.stage == Stage::active ? Stage::acknowledged : Stage::normal;
  state.since = now;
  state.acknowledged_by = by.name;
  listener_.alarm_changed({AlarmChange::Kind::acknowledged, alarm, now, state.raised, by, rule(alarm).name});
  return {};
}

}  // namespace signalbox::telemetry
