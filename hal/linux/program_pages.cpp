#include "hal/linux/program_pages.hpp"

#include <cstdint>
#include <link.h>
#include <sys/mman.h>

namespace signalbox::hal::kernel {
namespace {

/// Of the program, or of a library that it is linked with: every segment that nobody writes to is as its file
/// has it. The first last, which has these headers in it.
int give_back(dl_phdr_info* object, std::size_t /*size*/, void* /*context*/) {
  for (int i = object->dlpi_phnum - 1; i >= 0; --i) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const std::uintptr_t first = object->dlpi_addr + segment.p_vaddr;
    const std::uintptr_t begin = first / segment.p_align * segment.p_align;  // at a page, however large
    const std::uintptr_t end = first + segment.p_memsz;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): addresses are what the headers have
    madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void give_back_program_pages() { dl_iterate_phdr(give_back, nullptr); }

}  // namespace signalbox::hal::kernel
