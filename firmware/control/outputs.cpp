#include "control/outputs.hpp"

#include <algorithm>
#include <cmath>

namespace signalbox::control {

void Outputs::begin(Instant now, bool safe) {
  for (device::ChannelIndex i = 0; i < roster_.channels().size(); ++i) begin(i, now, safe);
}

void Outputs::begin(device::ChannelIndex channel, Instant now, bool safe) {
  find_all();
  OutputState& output = state(channel);
  output = OutputState{};
  if (!has(channel)) return;
  output.now.value = safe ? rules(channel).safe : rules(channel).initial;
  output.now.switched_at = now;  // how long it was off before is not known
  output.before = output.now;
}

void Outputs::find_all() {
  count_ = 0;
  for (std::size_t i = 0; i < roster_.channels().size(); ++i)
    if (roster_.channels()[i].is_output()) all_[count_++] = static_cast<device::ChannelIndex>(i);
}

bool Outputs::reads_safe(device::ChannelIndex index) const {
  const device::Sample& read = latest(index).sample;
  const device::Value& safe = rules(index).safe;
  if (!device::is_usable(read.quality)) return false;
  if (device::kind_of(safe) != device::ValueKind::number) return read.value == safe;
  constexpr double kRounding = 1e-3;  // of the range
  return std::abs(device::as_number(read.value) - device::as_number(safe)) <=
         kRounding * (channel(index).max - channel(index).min);
}

bool Outputs::is_moving(device::ChannelIndex channel, Instant now) {
  const bool moving = driven(channel) == hal::Completion::pending;
  if (moving) state(channel).moved_at = now;
  return moving;
}

void Outputs::drive(device::ChannelIndex index, const device::Value& value, Instant deadline, Instant now,
                    Duration pulse) {
  OutputState& output = state(index);
  if (device::Actuator* actuator = roster_.actuator(index)) {
    actuator->drive(channel(index).uncalibrate(value), deadline);
    roster_.part_of(index).due = Instant::min();
  }
  output.before = output.now;
  output.now.value = value;
  output.now.is_certain = true;
  output.now.pulse = pulse;
  output.now.pulse_ends = kNever;
  output.driven_at = output.moved_at = now;
}

void Outputs::withdraw(device::ChannelIndex channel) {
  if (device::Actuator* actuator = roster_.actuator(channel);
      actuator != nullptr && actuator->driven() == hal::Completion::pending)
    actuator->withdraw();
}

void Outputs::conclude(device::ChannelIndex index, hal::Completion completion, Instant now) {
  OutputState& output = state(index);
  output.moved_at = now;  // what was read meanwhile may be of before
  if (completion == hal::Completion::timed_out) {
    output.now = output.before;
    return;
  }
  const bool done = completion == hal::Completion::done;
  const bool was_safe = output.before.is_certain && output.before.value == rules(index).safe;
  output.now.is_certain = done;
  // Times count from when it has the value; where that is not known, from the earliest moment it can have it.
  const Instant since = done ? now : output.driven_at;
  if (is_safe(index) != was_safe) output.now.switched_at = since;
  if (output.now.pulse > Duration{0}) output.now.pulse_ends = since + output.now.pulse;
  if (!done) output.now.pulse_ends = std::min(output.now.pulse_ends, output.before.pulse_ends);
}

}  // namespace signalbox::control
