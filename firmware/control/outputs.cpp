#include "control/outputs.hpp"

namespace signalbox::control {

void Outputs::begin(Instant now, bool safe) {
  for (std::size_t i = 0; i < channels(); ++i) begin(static_cast<device::ChannelIndex>(i), now, safe);
}

void Outputs::begin(device::ChannelIndex channel, Instant now, bool safe) {
  OutputState& output = state(channel);
  output = OutputState{};
  if (!has(channel)) return;
  output.before = output.intended = safe ? rules(channel).safe : rules(channel).initial;
  output.switched_at = now;  // how long it was off before is not known
}

bool Outputs::is_moving(device::ChannelIndex channel, Instant now) {
  const bool moving = driven(channel) == hal::Completion::pending;
  if (moving) state(channel).moved_at = now;
  return moving;
}

void Outputs::drive(device::ChannelIndex index, const device::Value& value, Instant deadline, Instant now) {
  OutputState& output = state(index);
  const bool was_safe = is_safe(index);
  if (device::Actuator* actuator = roster_.actuator(index))
    actuator->drive(channel(index).uncalibrate(value), deadline);
  output.before = output.intended;
  output.intended = value;
  output.moved_at = now;
  if (is_safe(index) != was_safe) output.switched_at = now;
  if (is_safe(index)) output.pulse_ends = kNever;
}

}  // namespace signalbox::control
