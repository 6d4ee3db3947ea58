#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "hal/linux/descriptor.hpp"

namespace signalbox::hal::kernel {

/// A fence around the files, TCP ports and abstract sockets that a process may reach (landlock(7)). What is
/// open already stays open. Newer kernels fence more; a kernel without Landlock fences nothing.
class Landlock {
 public:
  enum class May : std::uint8_t {
    read,     ///< files below it, and list what there is
    write,    ///< as well: make, write, replace and remove files
    control,  ///< devices below it: read, write, ioctl
  };

  /// Begins a fence that lets nothing through. Error `failed` with words for a person.
  Result<void> open();
  /// 0: this kernel has none, and the other functions do nothing.
  int version() const { return version_; }

  /// Lets it reach what lies below that directory. `notFound` where there is no such directory.
  Result<void> allow(const char* directory, May may);
  Result<void> allow(int directory, May may);

  /// Puts the fence up around this process and those it makes, for good. Needs no_new_privs.
  Result<void> enter();

 private:
  int version_ = 0;
  Descriptor ruleset_;
};

}  // namespace signalbox::hal::kernel
