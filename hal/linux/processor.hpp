#pragma once

namespace signalbox::hal::kernel {

/// Whether this processor has the instructions for AES-GCM that our TLS library uses, asked at run time.
bool has_aes_instructions();

}  // namespace signalbox::hal::kernel
