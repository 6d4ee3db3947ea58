#pragma once

namespace signalbox::hal::kernel {

/// An errno in words for a person; needs no memory.
const char* error_words(int error_number);

}  // namespace signalbox::hal::kernel
