#pragma once

#include <string_view>

#include "device/channel.hpp"
#include "device/device_file_check.hpp"
#include "device/roster.hpp"

namespace signalbox::device {

/// Reads a value that the channel can hold; left alone where the member is left out.
bool read_value(DeviceFileCheck& check, const DeviceFileMember& object, std::string_view name,
                const Channel& channel, Value& into);

/// Reads the channel that the member `channel` of `object` names. `words`: which one would be right.
bool read_watched(DeviceFileCheck& check, const DeviceFileMember& object, const Roster& roster,
                  std::string_view words, ChannelIndex& into);

/// Reads exactly one of `is`, `below`, `above`, which fits the kind of the channel watched. `words`: what is
/// expected where there is none, or a second one.
bool read_test(DeviceFileCheck& check, const DeviceFileMember& object, const Channel& watched,
               std::string_view words, Condition& condition);

/// Reads a channel and what it must read.
bool read_condition(DeviceFileCheck& check, const DeviceFileMember& object, const Roster& roster,
                    Condition& condition);

}  // namespace signalbox::device
