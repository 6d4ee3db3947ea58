#include "hal/linux/error_words.hpp"

#include <cerrno>
#include <cstring>

namespace signalbox::hal::kernel {
namespace {

/// ENOTSUPP, which is the kernel's own and no errno; drivers of GPIO chips let it out.
constexpr int kNotSupported = 524;

}  // namespace

const char* error_words(int error_number) {
  switch (error_number) {
    case ENOENT: return "it does not exist";
    case ENOTDIR: return "it is no directory";
    case EACCES:
    case EPERM: return "permission denied";
    case ELOOP: return "it is a symbolic link, which is not followed";
    case EROFS: return "it is mounted read-only";
    case kNotSupported: return "its driver does not support it";
    case ENOSPC:
    case EDQUOT: return "the disk is full";
    case EFBIG: return "a file may not grow so large";
    default: break;
  }
  const char* known = strerrordesc_np(error_number);  // strerror() may take memory for one that is not
  return known != nullptr ? known : "an error without a name";
}

bool is_absence(int error_number) {
  return error_number == ENOENT || error_number == ENODEV || error_number == ENXIO;
}

}  // namespace signalbox::hal::kernel
