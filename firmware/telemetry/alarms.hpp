#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "device/roster.hpp"
#include "device/values.hpp"

namespace signalbox::telemetry {

/// Which alarm: one of a channel's.
struct AlarmId {
  device::ChannelIndex channel = device::kNoChannel;
  std::uint8_t place = device::kNoAlarm;

  friend bool operator==(const AlarmId&, const AlarmId&) = default;
};

/// How an alarm stands; the states of ISA-18.2, section 5.
struct AlarmState {
  enum class Stage : std::uint8_t {
    normal,
    active,        ///< raised, not acknowledged
    acknowledged,  ///< raised and acknowledged
    cleared,       ///< over, but somebody has yet to acknowledge that it was
  };
  Stage stage = Stage::normal;
  Instant since{};           ///< when that began
  std::uint64_t raised = 0;  ///< the device's offset when it was last raised; 0: never
  FixedText<31> acknowledged_by{};
  Instant due = kNever;  ///< when the delay under way ends

  bool stands() const { return stage == Stage::active || stage == Stage::acknowledged; }
};

constexpr std::string_view wire_name(AlarmState::Stage stage) {
  constexpr std::array<std::string_view, 4> names{"normal", "active", "acknowledged", "cleared"};
  return names[static_cast<std::size_t>(stage)];
}

/// Who acknowledges, and from where.
struct Acknowledger {
  FixedText<31> name;  ///< of the principal
  FixedText<23> session;
  FixedText<45> peer;  ///< address
  FixedText<36> trace_id;
};

struct AlarmChange {
  enum class Kind : std::uint8_t { raised, acknowledged, cleared };
  Kind kind = Kind::raised;
  AlarmId alarm;
  Instant at{};
  std::uint64_t raised = 0;  ///< the offset at which it was raised; 0: it just is
  Acknowledger by{};         ///< `acknowledged` only
  std::string_view name{};   ///< the alarm's
};

/// Where alarms tell what became of them.
class AlarmListener {
 public:
  /// The device's offset of what was told.
  std::uint64_t alarm_changed(const AlarmChange& change) { return do_alarm_changed(change); }

 protected:
  ~AlarmListener() = default;

 private:
  virtual std::uint64_t do_alarm_changed(const AlarmChange& change) = 0;
};

/// Watches the values for what the device file declares alarms for. An alarm is raised when its condition has
/// held for its on-delay, and cleared when it has been over, deadband included, for its off-delay.
///
/// A value that cannot be trusted neither raises nor clears: a delay before raising goes on meanwhile, one
/// before clearing begins anew. An alarm on bad quality tells of that.
class Alarms {
 public:
  /// What is kept of one channel.
  struct OfChannel {
    std::array<AlarmState, device::kAlarmsMax> states{};
    std::uint64_t version = 0;       ///< of the channel, when it was last looked at
    Instant due = Instant::min();    ///< when it has to be looked at although it did not change
    Instant begun = Instant::min();  ///< since when a first reading is waited for, where not since the start
    std::uint64_t unread_at = 0;     ///< the channel's offset then
  };

  /// `states`: one for each channel the roster may have.
  Alarms(const device::Roster& roster, const device::Values& values, std::span<OfChannel> states,
         AlarmListener& listener)
      : roster_{roster}, values_{values}, states_{states}, listener_{listener} {
    for (OfChannel& each : states_) each = OfChannel{};  // the memory may have served before
  }

  /// Looks at channels that changed and at delays that ended; returns when the next one ends.
  Instant step(Instant now);

  /// The channel was declared anew, with `before` until now. An alarm that is declared as it was goes on,
  /// wherever it stands now; any other one ends, and begins as normal.
  void redeclare(device::ChannelIndex channel, std::span<const device::AlarmRule> before, Instant now);
  /// Nothing is known of the channel any more; its part is given time for its first reading.
  void wait_for_reading(device::ChannelIndex channel, Instant now);

  /// The alarm that was raised last at that offset.
  std::optional<AlarmId> raised_at(std::uint64_t offset) const;
  /// Somebody took note of the alarm as it was raised last; a second time changes nothing. `conflict` where
  /// none need be acknowledged.
  Result<void> acknowledge(const AlarmId& alarm, const Acknowledger& by, Instant now);

  const device::AlarmRule& rule(const AlarmId& alarm) const {
    return roster_.channels()[alarm.channel].alarms()[alarm.place];
  }
  const AlarmState& state(const AlarmId& alarm) const { return states_[alarm.channel].states[alarm.place]; }

 private:
  void look_at(device::ChannelIndex channel, Instant now);
  Instant judge(const AlarmId& alarm, Instant now);
  bool is_unread(device::ChannelIndex channel, Instant now) const;
  Instant read_by(device::ChannelIndex channel) const;
  void raise(const AlarmId& alarm, Instant now);
  void clear(const AlarmId& alarm, Instant now);

  const device::Roster& roster_;
  const device::Values& values_;
  std::span<OfChannel> states_;
  AlarmListener& listener_;
  std::optional<Instant> begun_;  ///< when it was first stepped
  std::uint64_t looked_at_ = 0;   ///< the device's offset when the values were last looked at
  Instant due_ = Instant::min();
};

}  // namespace signalbox::telemetry
