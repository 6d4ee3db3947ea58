#pragma once

#include "device/channel.hpp"
#include "device/device_file_check.hpp"
#include "device/part_kind.hpp"
#include "device/roster.hpp"

namespace signalbox::device {

/// Reads what the file declares for a port of a part, all but its path's uniqueness and what it has to do
/// with other channels. `channel` is the last of the roster.
bool read_channel(DeviceFileCheck& check, const DeviceFileMember& member, const PortSpec& port,
                  Roster& roster, Channel& channel);

}  // namespace signalbox::device
