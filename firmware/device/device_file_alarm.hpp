#pragma once

#include "device/channel.hpp"
#include "device/device_file_check.hpp"

namespace signalbox::device {

/// Reads the alarms that a channel declares into `channel`, whose place in the roster is `index`; its kind,
/// range and labels are known.
bool read_alarms(DeviceFileCheck& check, const DeviceFileMember& member, ChannelIndex index,
                 Channel& channel);

}  // namespace signalbox::device
