#include "hal/linux/record_file.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fixed_text.hpp"
#include "hal/linux/descriptor.hpp"

namespace signalbox::hal::kernel {
bool is_record_name(std::string_view name) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  return !name.empty() && name.size() <= 63 && name[0] != '.' &&
         name.find_first_not_of(kLetters) == std::string_view::npos;
}

FixedText<71> name_beside(std::string_view name) {
  return format_text<71>(".%.*s.new", static_cast<int>(name.size()), name.data());
}

Replaced replace_record(int directory, std::string_view name, std::string_view record, bool to_disk) {
  if (!is_record_name(name)) return {.error_number = EINVAL};
  const FixedText<63> final_name{name};
  const FixedText<71> new_name = name_beside(name);
  const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
  const Descriptor file{openat(directory, new_name.c_str(), flags, kOwnerOnly)};
  if (!file) return {.error_number = errno};
  const bool written = fchmod(file.number(), kOwnerOnly) == 0 && file.write_all(record) &&
                       (!to_disk || fsync(file.number()) == 0) &&
                       renameat(directory, new_name.c_str(), directory, final_name.c_str()) == 0;
  if (!written) {
    const int error_number = errno;
    unlinkat(directory, new_name.c_str(), 0);
    return {.error_number = error_number};
  }
  const bool synced = !to_disk || fsync(directory) == 0;
  return {.error_number = synced ? 0 : errno, .in_place = true};
}

}  // namespace signalbox::hal::kernel
