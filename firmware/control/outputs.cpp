#include "control/outputs.hpp"

namespace signalbox::control {

void Outputs::begin(Instant now, bool safe) {
  for (std::size_t i = 0; i < channels(); ++i) {
    states_[i] = OutputState{};
    const auto index = static_cast<device::ChannelIndex>(i);
    if (!has(index)) continue;
    states_[i].before = states_[i].intended = safe ? rules(index).safe : rules(index).initial;
    states_[i].switched_at = now;  // how long it was off before is not known
  }
}

bool Outputs::is_moving(device::ChannelIndex channel, Instant now) {
  const bool moving = driven(channel) == hal::Completion::pending;
  if (moving) state(channel).moved_at = now;
  return moving;
}

void Outputs::drive(device::ChannelIndex index, const device::Value& value, Instant deadline, Instant now) {
  OutputState& output = state(index);
  const bool was_safe = is_safe(index);
  roster_.actuator(index)->drive(channel(index).uncalibrate(value), deadline);
  output.before = output.intended;
  output.intended = value;
  output.moved_at = now;
  if (is_safe(index) != was_safe) output.switched_at = now;
  if (is_safe(index)) output.pulse_ends = kNever;
}

}  // namespace signalbox::control
