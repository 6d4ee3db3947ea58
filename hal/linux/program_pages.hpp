#pragma once

namespace signalbox::hal::kernel {

/// Takes code and constants out of this process's memory: most of them served what is over, such as the
/// start. What is used again comes back from the page cache, with its surroundings of 64 KB (the kernel's
/// fault-around); the rest is the kernel's to use for something else. A breakpoint that a debugger has
/// written into the code is lost.
void give_back_program_pages();

}  // namespace signalbox::hal::kernel
