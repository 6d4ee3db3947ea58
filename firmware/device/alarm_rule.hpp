#pragma once

#include <cstddef>
#include <cstdint>

#include "base/fixed_text.hpp"
#include "base/instant.hpp"
#include "base/log.hpp"
#include "device/condition.hpp"

namespace signalbox::device {

/// A channel declares no more alarms than that.
inline constexpr std::size_t kAlarmsMax = 4;
inline constexpr std::uint8_t kNoAlarm = 0xFF;

/// An alarm as the device file declares it; setpoint, deadband and delays as in IEC 62682.
struct AlarmRule {
  FixedText<31> name{};         ///< no other alarm of its channel has it
  FixedText<79> text{};         ///< for people: what it means, what to do; may be empty
  Condition condition{};        ///< of its own channel: raised while it holds
  bool on_bad_quality = false;  ///< instead: raised while the channel is neither `good` nor `simulated`
  double deadband = 0.0;        ///< how far a number must come back behind its limit
  Duration on_delay{};          ///< it must have held for so long before it is raised
  Duration off_delay{};         ///< it must have been over for so long before it is cleared
  Severity severity = Severity::warning;
  bool acknowledge = false;  ///< somebody has to acknowledge it

  /// Whether a value that can be trusted fulfils the condition. `stands`: the alarm is raised already, so the
  /// deadband counts too.
  bool holds(const Value& found, bool stands) const {
    if (!stands || condition.test == Condition::Test::is) return condition.holds(found);
    Condition left = condition;
    left.limit += condition.test == Condition::Test::above ? -deadband : deadband;
    return left.holds(found);
  }

  friend bool operator==(const AlarmRule&, const AlarmRule&) = default;
};

}  // namespace signalbox::device
