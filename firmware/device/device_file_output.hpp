#pragma once

#include <array>
#include <string_view>

#include "device/channel.hpp"
#include "device/device_file_check.hpp"
#include "device/roster.hpp"

namespace signalbox::device {

/// The members an output has beside those of every channel.
inline constexpr std::array<std::string_view, 12> kOutputMembers{
    "initial", "safe",     "deadlineMs", "feedback", "pulseMaxMs", "lease",
    "minOnMs", "minOffMs", "ratePerS",   "baton",    "interlocks", "override"};

/// Reads an output's own rules into `channel.output`.
bool read_output(DeviceFileCheck& check, const DeviceFileMember& member, const PortSpec& port, Roster& roster,
                 Channel& channel);

/// Reads what an output has to do with other channels, once all of them are known: feedback, interlocks,
/// override.
bool read_relations(DeviceFileCheck& check, const DeviceFileMember& member, Roster& roster,
                    ChannelIndex output);

/// Reads the input that stops the device.
bool read_stop(DeviceFileCheck& check, const DeviceFileMember& member, Roster& roster);

}  // namespace signalbox::device
