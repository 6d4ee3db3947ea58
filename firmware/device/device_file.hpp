#pragma once

#include <optional>
#include <string_view>

#include "device/mistake.hpp"
#include "device/part_kind.hpp"
#include "device/roster.hpp"

namespace signalbox::device {

/// A device file is no longer than this.
inline constexpr std::size_t kDeviceFileBytesMax = 64 * 1024;

/// Fills an empty roster with what a device file declares, or tells the first mistake in it; after a mistake
/// the roster is of no use.
std::optional<Mistake> read_device_file(std::string_view text, Catalogue catalogue, Roster& roster);

}  // namespace signalbox::device
