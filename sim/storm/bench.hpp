#pragma once

#include <array>
#include <string_view>

#include "device/roster.hpp"
#include "machine/machine.hpp"
#include "protocol/view.hpp"
#include "sim/storm/recorder.hpp"

namespace signalbox::sim::storm {

/// The simulated bench as the storm declares it, with the short times of a storm.
namespace bench {

inline constexpr std::array<std::string_view, 9> kPaths{
    "cabin/temperature", "cabin/heater", "cabin/heaterSense", "cabin/door", "cabin/fan",
    "tank/level",        "host/uptime",  "cabin/lamp",        "cabin/stop"};
inline constexpr auto kChannels = static_cast<device::ChannelIndex>(kPaths.size());
enum Place : device::ChannelIndex {
  kTemperature,
  kHeater,
  kHeaterSense,
  kDoor,
  kFan,
  kTank,
  kUptime,
  kLamp,
  kStop
};

constexpr device::ChannelIndex channel_of(Output output) {
  return std::array{kHeater, kFan, kLamp}[static_cast<std::size_t>(output)];
}
/// The channel of that path; kNoChannel: there is none.
device::ChannelIndex place_of(std::string_view path);

inline constexpr std::uint32_t kCommandDeadline_ms = 700;
inline constexpr bool kHeaterSafe = false;
inline constexpr double kFanSafe = 0.25;
/// The heater is on only while the fan turns faster than that, and never together with the lamp.
inline constexpr double kHeaterFan = 0.1;
/// The lamp is on only while the fan turns faster than that; the fan's safe value is below it.
inline constexpr double kLampFan = 0.3;
inline constexpr Duration kLampOnAtLeast = from_ms(150);
inline constexpr Duration kLampOffAtLeast = from_ms(100);
/// What the fan does while the door is open, whoever wants it otherwise.
inline constexpr double kFanOverride = 1.0;
/// The button of the wired stop is read that often, and may be unread for so long.
inline constexpr Duration kStopPeriod = from_ms(60);
inline constexpr Duration kStopStale = from_ms(400);

inline constexpr std::uint32_t kLeaseMax_ms = 500;
/// How long an output may take to become safe; tells such writes from those of commands.
inline constexpr Duration kFailsafeDeadline = from_ms(1000);

/// Declares every part and channel. `guarded`: there are a lamp and a wired stop; the heater moves only by
/// lease and with the door shut, what is on depends on what else is, the open door has the fan, and heater
/// and fan have a baton.
void declare(device::Roster& roster, bool guarded);

}  // namespace bench

/// How much of everything there is.
enum class Size : std::uint8_t { tiny, middle };

/// Memory of that size; the same every time, left as the last user left it.
machine::Machine::Memory memory_of(Size size);
/// How many sessions may be away and still return.
std::size_t parked_max_of(Size size);
/// The limits that go with it; times are short, so that a few seconds reach all of them.
protocol::Limits limits_of(Size size);

}  // namespace signalbox::sim::storm
