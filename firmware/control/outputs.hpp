#pragma once

#include <array>
#include <span>

#include "control/actuation.hpp"
#include "device/actuator.hpp"
#include "device/roster.hpp"
#include "device/values.hpp"

namespace signalbox::control {

/// What an output holds, as far as control knows.
struct Holding {
  device::Value value{};                 ///< what it was last told to hold
  Instant switched_at = Instant::min();  ///< left its safe value, or came back to it
  Duration pulse{};                      ///< until it goes back to its safe value; 0: no pulse
  Instant pulse_ends = kNever;
  bool is_certain = true;  ///< false: what drove it last failed, and may have happened or not
};

/// What control knows of one output.
struct OutputState {
  Holding before{};  ///< until the last drive; again from then on, if that never happened
  Holding now{};
  Instant driven_at = Instant::min();  ///< last handed to the hardware
  Instant moved_at = Instant::min();   ///< last seen moving; an older reading does not tell what it is now
};

/// All outputs of the device: the only way in which control touches the hardware.
class Outputs {
 public:
  Outputs(device::Roster& roster, const device::Values& values, std::span<OutputState> states)
      : roster_{roster}, values_{values}, states_{states} {}

  /// From now on outputs hold their initial values.
  void begin(Instant now, bool safe = false);
  /// The same of one channel.
  void begin(device::ChannelIndex channel, Instant now, bool safe);

  bool has(device::ChannelIndex channel) const { return roster_.channels()[channel].is_output(); }
  const device::Channel& channel(device::ChannelIndex channel) const { return roster_.channels()[channel]; }
  const device::OutputRules& rules(device::ChannelIndex index) const { return *channel(index).output; }
  /// Those that have begun. What is looked at in each step touches no other channel.
  std::span<const device::ChannelIndex> all() const { return std::span{all_}.first(count_); }
  OutputState& state(device::ChannelIndex channel) { return states_[channel]; }
  const OutputState& state(device::ChannelIndex channel) const { return states_[channel]; }
  const device::Latest& latest(device::ChannelIndex channel) const { return values_.of(channel); }
  /// Whether it holds that value for sure.
  bool holds(device::ChannelIndex channel, const device::Value& value) const {
    return state(channel).now.is_certain && state(channel).now.value == value;
  }
  bool is_safe(device::ChannelIndex channel) const { return holds(channel, rules(channel).safe); }

  /// Whether it was last read at its safe value, within the precision of its calibration and of the hardware.
  bool reads_safe(device::ChannelIndex channel) const;
  /// Whether nothing is under way and it has been read since it last moved.
  bool is_settled(device::ChannelIndex channel, Instant now) {
    return !is_moving(channel, now) && latest(channel).sample.taken_at > state(channel).moved_at;
  }

  /// Whether the hardware is still under way; takes note of when.
  bool is_moving(device::ChannelIndex channel, Instant now);
  /// Whether it is safe, and no write that may yet be undone or overtaken is under way.
  bool rests_safe(device::ChannelIndex channel, Instant now) {
    return is_safe(channel) && !is_moving(channel, now);
  }
  /// Starts driving; only while it is not moving. What has not reached the hardware by `deadline` never will.
  /// `pulse`: how long it holds the value once it has it; 0: for good.
  void drive(device::ChannelIndex channel, const device::Value& value, Instant deadline, Instant now,
             Duration pulse = {});
  /// Takes back a drive that has not reached the hardware.
  void withdraw(device::ChannelIndex channel);
  /// Takes note of how the last drive ended, or that nothing is heard of it (`pending`). What never reached
  /// the hardware (`timed_out`) has changed nothing.
  void conclude(device::ChannelIndex channel, hal::Completion completion, Instant now);
  /// How far the last drive has come; `failed` where the output has no driver.
  hal::Completion driven(device::ChannelIndex channel) {
    const device::Actuator* actuator = roster_.actuator(channel);
    return actuator != nullptr ? actuator->driven() : hal::Completion::failed;
  }

 private:
  void find_all();

  device::Roster& roster_;
  const device::Values& values_;
  std::span<OutputState> states_;
  std::array<device::ChannelIndex, device::kChannelsCeiling> all_{};
  std::size_t count_ = 0;
};

}  // namespace signalbox::control
