#pragma once

#include <string_view>

namespace signalbox::boards::qemu_virt64 {

/// The default device file, `device.json` of this folder, as it was when the firmware was built.
extern const std::string_view device_file;

}  // namespace signalbox::boards::qemu_virt64
