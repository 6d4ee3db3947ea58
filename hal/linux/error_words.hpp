#pragma once

namespace signalbox::hal::kernel {

/// An errno in words for a person; needs no memory.
const char* error_words(int error_number);

/// Whether it says of a device's file that the device is not there.
bool is_absence(int error_number);

}  // namespace signalbox::hal::kernel
