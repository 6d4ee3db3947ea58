#pragma once

#include "device/device_file_check.hpp"
#include "device/part_kind.hpp"
#include "device/roster.hpp"

namespace signalbox::device {

/// Reads one element of `parts` into the roster, all but the feedback of its outputs.
bool read_part(DeviceFileCheck& check, const DeviceFileMember& member, Catalogue catalogue, Roster& roster);

}  // namespace signalbox::device
