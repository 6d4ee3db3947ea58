#pragma once

#include <string_view>

namespace signalbox::boards::bench {

/// The default device file, `device.json` of this folder, as it was when the firmware was built.
extern const std::string_view device_file;

}  // namespace signalbox::boards::bench
