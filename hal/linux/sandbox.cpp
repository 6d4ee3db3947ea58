#include "hal/linux/sandbox.hpp"

#include <string_view>
#include <unistd.h>

#include "hal/linux/host.hpp"
#include "hal/linux/landlock.hpp"
#include "hal/linux/privileges.hpp"

namespace signalbox::hal::kernel {
namespace {

using Directory = FixedText<255>;

Directory directory_of(std::string_view file) {
  const std::size_t slash = file.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return file.substr(0, slash == 0 ? 1 : slash);
}

Result<void> fence_files(Landlock& landlock, const SandboxNeeds& needs) {
  if (const Result<void> opened = landlock.open(); !opened) return opened;
  if (const Result<void> state = landlock.allow(needs.state, Landlock::May::write); !state) return state;
  for (const char* file : needs.files) {
    const Result<void> allowed = landlock.allow(directory_of(file).c_str(), Landlock::May::read);
    if (!allowed) return allowed;
  }
  for (const char* place : Host::places()) {
    const Result<void> allowed = landlock.allow(place, Landlock::May::read);
    if (!allowed && allowed.error().reason != Reason::not_found) return allowed;
  }
  return landlock.enter();
}

}  // namespace

Result<SandboxState> enter_sandbox(const SandboxNeeds& needs) {
  // The leak sanitizer looks at its own process at the end.
  const Result<void> rights = give_up_privileges(!needs.fenced || !filters_system_calls());
  if (!rights) return rights.error();
  SandboxState state;
  if (!needs.fenced) {
    state.in_force = "no capabilities";
    return state;
  }
  Landlock landlock;
  const Result<void> files = fence_files(landlock, needs);
  if (!files) return files.error();
  Result<bool> filter = false;
  if (filters_system_calls()) filter = restrict_system_calls(Process::loop);
  if (!filter) return filter.error();

  FixedText<95> calls;
  if (*filter) calls = format_text<95>(", %zu system calls", system_calls_of(Process::loop));
  FixedText<127> reach;
  if (landlock.version() > 0)
    reach = format_text<127>(", Landlock %d: writes %s only, reads %zu directories more, connects to nobody",
                             landlock.version(), needs.state, needs.files.size() + Host::places().size());
  state.in_force = format_text<223>("no capabilities%s%s", calls.c_str(), reach.c_str());
  if (!filters_system_calls())
    state.lacking = "system calls are not filtered: the sanitizer needs more of them";
  else if (!*filter)
    state.lacking = "system calls are not filtered: this kernel has no seccomp";
  if (landlock.version() == 0)
    state.lacking = format_text<127>("%s%sfiles are not fenced: this kernel has no Landlock",
                                     state.lacking.c_str(), state.lacking.empty() ? "" : "; ");
  return state;
}

Result<void> enter_sandbox(Process process, int directory) {
  if (const Result<void> rights = give_up_privileges(!filters_system_calls()); !rights) return rights;
  Landlock landlock;
  if (const Result<void> opened = landlock.open(); !opened) return opened;
  if (const Result<void> state = landlock.allow(directory, Landlock::May::write); !state) return state;
  if (const Result<void> entered = landlock.enter(); !entered) return entered;
  if (!filters_system_calls()) return {};
  const Result<bool> filter = restrict_system_calls(process);
  if (!filter) return filter.error();
  return {};
}

}  // namespace signalbox::hal::kernel
