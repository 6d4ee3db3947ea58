#include "hal/linux/landlock.hpp"

#include <cerrno>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hal/linux/error_words.hpp"

namespace signalbox::hal::kernel {
namespace {

/// struct landlock_ruleset_attr as version 6 has it; older kernels take its beginning, older headers have no
/// more.
struct Handled {
  std::uint64_t files;
  std::uint64_t ports;   // from version 4 on
  std::uint64_t scopes;  // from version 6 on
};

constexpr std::uint64_t kTruncate = 1ULL << 14;       // LANDLOCK_ACCESS_FS_TRUNCATE, version 3
constexpr std::uint64_t kDeviceControl = 1ULL << 15;  // LANDLOCK_ACCESS_FS_IOCTL_DEV, version 5
constexpr std::uint64_t kBindAndConnect = 3;          // LANDLOCK_ACCESS_NET_*_TCP, version 4
constexpr std::uint64_t kAbstractSockets = 1;         // LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET, version 6
constexpr std::uint64_t kFirst = LANDLOCK_ACCESS_FS_MAKE_SYM * 2 - 1;  // all that version 1 knows

// Signals are not fenced here, though version 6 could: the journal's processes end by one that our death
// sends. The filter of system calls has none that sends a signal to others.
Handled handled_by(int version) {
  Handled handled{.files = kFirst, .ports = 0, .scopes = 0};
  if (version >= 2) handled.files |= LANDLOCK_ACCESS_FS_REFER;
  if (version >= 3) handled.files |= kTruncate;
  if (version >= 4) handled.ports = kBindAndConnect;
  if (version >= 5) handled.files |= kDeviceControl;
  if (version >= 6) handled.scopes = kAbstractSockets;
  return handled;
}

constexpr std::uint64_t kRead = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kWrite = kRead | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
                                 LANDLOCK_ACCESS_FS_REMOVE_FILE | kTruncate;

constexpr std::uint64_t kControl = kRead | LANDLOCK_ACCESS_FS_WRITE_FILE | kDeviceControl;

Error landlock_error(const char* what) {
  return {errno == ENOENT ? Reason::not_found : Reason::failed,
          format_text<95>("Landlock: %s: %s", what, error_words(errno))};
}

}  // namespace

Result<void> Landlock::open() {
  const long version = syscall(__NR_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return {};  // not built into this kernel, or not turned on
  version_ = static_cast<int>(version);
  const Handled handled = handled_by(version_);
  const std::size_t size = version_ < 4   ? sizeof(std::uint64_t)
                           : version_ < 6 ? 2 * sizeof(std::uint64_t)
                                          : sizeof handled;
  ruleset_ = Descriptor{static_cast<int>(syscall(__NR_landlock_create_ruleset, &handled, size, 0))};
  if (!ruleset_) return landlock_error("no ruleset");
  return {};
}

Result<void> Landlock::allow(const char* directory, May may) {
  if (version_ == 0) return {};
  const Descriptor opened{::open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC)};
  return opened ? allow(opened.number(), may) : landlock_error(directory);
}

Result<void> Landlock::allow(int directory, May may) {
  if (version_ == 0) return {};
  const std::uint64_t wanted = may == May::write ? kWrite : may == May::control ? kControl : kRead;
  const landlock_path_beneath_attr rule{.allowed_access = wanted & handled_by(version_).files,
                                        .parent_fd = directory};
  if (syscall(__NR_landlock_add_rule, ruleset_.number(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0)
    return {};
  return landlock_error("no rule for a directory");
}

Result<void> Landlock::enter() {
  if (version_ == 0) return {};
  if (syscall(__NR_landlock_restrict_self, ruleset_.number(), 0) != 0)
    return landlock_error("cannot be entered");
  ruleset_ = Descriptor{};
  return {};
}

}  // namespace signalbox::hal::kernel
