#pragma once

#include "device/part_kind.hpp"

namespace signalbox::drivers {

/// Every kind of part there is, for a root to hand to the device file.
device::Catalogue catalogue();

}  // namespace signalbox::drivers
