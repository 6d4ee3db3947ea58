#pragma once

#include "device/channel.hpp"
#include "device/device_file_check.hpp"
#include "device/part_kind.hpp"
#include "device/roster.hpp"

namespace signalbox::device {

/// Reads what the file declares for a port of a part, all but its path's uniqueness and its feedback.
bool read_channel(DeviceFileCheck& check, const DeviceFileMember& member, const PortSpec& port,
                  Channel& channel);

/// Reads the feedback of `output`, once all channels are known.
bool read_feedback(DeviceFileCheck& check, const DeviceFileMember& member, Roster& roster,
                   ChannelIndex output);

}  // namespace signalbox::device
