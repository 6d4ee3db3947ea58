#include "hal/linux/sandbox.hpp"

#include <array>
#include <climits>
#include <cstdlib>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>

#include "hal/linux/host.hpp"
#include "hal/linux/privileges.hpp"

namespace signalbox::hal::kernel {
namespace {

using Directory = FixedText<PATH_MAX - 1>;

Directory directory_of(std::string_view file) {
  const std::size_t slash = file.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return file.substr(0, slash == 0 ? 1 : slash);
}

/// The directory that it lies in, and that of what it leads to: programs that renew certificates keep them
/// elsewhere, and change a symbolic link.
Result<void> allow_file(Landlock& landlock, const char* file) {
  const Directory named = directory_of(file);
  const Result<void> allowed = landlock.allow(named.c_str(), Landlock::May::read);
  std::array<char, PATH_MAX> target{};
  if (!allowed || realpath(file, target.data()) == nullptr) return allowed;
  return landlock.allow(directory_of(target.data()).c_str(), Landlock::May::read);
}

Result<void> fence_files(Landlock& landlock, const SandboxNeeds& needs) {
  if (const Result<void> opened = landlock.open(); !opened) return opened;
  if (const Result<void> state = landlock.allow(needs.state, Landlock::May::write); !state) return state;
  for (const char* file : needs.files)
    if (const Result<void> allowed = allow_file(landlock, file); !allowed) return allowed;
  for (const char* place : Host::places()) {
    const Result<void> allowed = landlock.allow(place, Landlock::May::read);
    if (!allowed && allowed.error().reason != Reason::not_found) return allowed;
  }
  return landlock.enter();
}

/// All rights go; files, but for those below the directory, and system calls too where it is fenced.
Result<void> fence(Process process, int directory, Landlock::May may, bool fenced,
                   const char* also_read = nullptr) {
  fenced = fenced && can_be_fenced();
  if (const Result<void> rights = give_up_privileges(!fenced); !rights) return rights;
  if (!fenced) return {};
  Landlock landlock;
  if (const Result<void> opened = landlock.open(); !opened) return opened;
  if (const Result<void> allowed = landlock.allow(directory, may); !allowed) return allowed;
  if (also_read != nullptr)
    if (const Result<void> allowed = landlock.allow(also_read, Landlock::May::read); !allowed) return allowed;
  if (const Result<void> entered = landlock.enter(); !entered) return entered;
  const Result<bool> filter = restrict_system_calls(process);
  if (!filter) return filter.error();
  return {};
}

FixedText<127> add(const FixedText<127>& lacking, const char* what) {
  return format_text<127>("%s%s%s", lacking.c_str(), lacking.empty() ? "" : "; ", what);
}

}  // namespace

bool can_be_fenced() {
#if defined(__SANITIZE_ADDRESS__)
  return false;
#elif defined(__has_feature)
  return !__has_feature(address_sanitizer);
#else
  return true;
#endif
}

Result<SandboxState> enter_sandbox(const SandboxNeeds& needs) {
  const bool fenced = needs.fenced && can_be_fenced();
  if (const Result<void> rights = give_up_privileges(!fenced); !rights) return rights.error();
  SandboxState state{.in_force = "no capabilities", .lacking = {}};
  if (!can_be_fenced())
    state.lacking = "system calls and files are open: the sanitizer of this build needs them";
  if (!fenced) return state;
  Landlock landlock;
  if (const Result<void> files = fence_files(landlock, needs); !files) return files.error();
  const Result<bool> filter = restrict_system_calls(Process::loop);
  if (!filter) return filter.error();

  if (*filter)
    state.in_force =
        format_text<223>("%s, %zu system calls", state.in_force.c_str(), system_calls_of(Process::loop));
  else
    state.lacking = "system calls are not filtered: this kernel has no seccomp";
  if (landlock.version() > 0)
    state.in_force = format_text<223>(
        "%s, Landlock %d: writes %s only, reads %zu directories more, connects to nobody",
        state.in_force.c_str(), landlock.version(), needs.state, needs.files.size() + Host::places().size());
  else
    state.lacking = add(state.lacking, "files are not fenced: this kernel has no Landlock");
  return state;
}

Result<void> enter_sandbox(Process process, int directory, bool fenced) {
  return fence(process, directory, Landlock::May::write, fenced);
}

Result<void> enter_sandbox(const PortFence& its, bool fenced) {
  const Descriptor directory{::open(its.directory, O_PATH | O_DIRECTORY | O_CLOEXEC)};
  return fence(its.watcher, directory.number(), its.may, fenced, its.also_read);
}

}  // namespace signalbox::hal::kernel
