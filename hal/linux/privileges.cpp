#include "hal/linux/privileges.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hal/linux/error_words.hpp"

namespace signalbox::hal::kernel {
namespace {

struct User {
  uid_t user = 0;
  gid_t group = 0;
};

Error privileges_error(const char* what) {
  return {Reason::failed, format_text<95>("%s: %s", what, error_words(errno))};
}

/// UID:GID.
bool parse(std::string_view text, User& user) {
  const char* const end = text.data() + text.size();
  const auto [colon, wrong] = std::from_chars(text.data(), end, user.user);
  if (wrong != std::errc{} || colon == end || *colon != ':') return false;
  const auto [rest, wrong_too] = std::from_chars(colon + 1, end, user.group);
  return wrong_too == std::errc{} && rest == end;
}

/// By the file itself: the C library's own way to users would need its plug-ins, which a static program
/// lacks.
Result<User> find(const char* name) {
  User user;
  if (parse(name, user)) return user;
  std::FILE* file = std::fopen("/etc/passwd", "re");
  if (file == nullptr) return privileges_error("/etc/passwd");
  std::array<char, 1024> text{};
  passwd entry{};
  passwd* found = nullptr;
  while (fgetpwent_r(file, &entry, text.data(), text.size(), &found) == 0)
    if (std::strcmp(entry.pw_name, name) == 0) break;
  std::fclose(file);
  if (found == nullptr)
    return Error{Reason::not_found,
                 format_text<95>("there is no user `%.40s` in /etc/passwd; UID:GID is taken as well", name)};
  return User{entry.pw_uid, entry.pw_gid};
}

using Sets = std::array<__user_cap_data_struct, 2>;

bool capset(const Sets& sets) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  return syscall(__NR_capset, &header, sets.data()) == 0;
}

bool capget(Sets& sets) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  return syscall(__NR_capget, &header, sets.data()) == 0;
}

bool has(std::uint32_t capability) {
  Sets sets{};
  return capget(sets) && (sets[0].effective & 1U << capability) != 0;
}

/// What a program that is run could still get. Needs a capability itself; who lacks it has no_new_privs.
bool empty_bounding_set() {
  if (!has(CAP_SETPCAP)) return true;
  for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; ++capability)
    if (prctl(PR_CAPBSET_DROP, capability) != 0 || prctl(PR_CAPBSET_READ, capability) != 0) return false;
  return true;
}

bool is_all(const User& user) {
  uid_t real = 0, effective = 0, saved = 0;
  gid_t real_group = 0, effective_group = 0, saved_group = 0;
  return getresuid(&real, &effective, &saved) == 0 &&
         getresgid(&real_group, &effective_group, &saved_group) == 0 && real == user.user &&
         effective == user.user && saved == user.user && real_group == user.group &&
         effective_group == user.group && saved_group == user.group && getgroups(0, nullptr) == 0;
}

}  // namespace

Result<void> become(const char* name) {
  const Result<User> user = find(name);
  if (!user) return user.error();
  if (user->user == 0 || user->group == 0)
    return Error{Reason::out_of_range,
                 format_text<95>("`%.40s` is root, or of its group: take a user without rights", name)};
  if (geteuid() != 0)
    return Error{Reason::forbidden,
                 format_text<95>("only root can become `%.40s`; this process runs as user %u already", name,
                                 geteuid())};
  // Who wants to end with its parent still does as somebody else; the kernel forgets it (prctl(2)).
  int death_signal = 0;
  const pid_t parent = getppid();
  if (prctl(PR_GET_PDEATHSIG, &death_signal) != 0) return privileges_error("the parent's death");
  if (!empty_bounding_set()) return privileges_error("the bounding set of capabilities");
  if (prctl(PR_SET_KEEPCAPS, 1) != 0 || setgroups(0, nullptr) != 0 ||
      setresgid(user->group, user->group, user->group) != 0 ||
      setresuid(user->user, user->user, user->user) != 0)
    return privileges_error("not all of it could be had");
  if (prctl(PR_SET_PDEATHSIG, death_signal) != 0 || (death_signal != 0 && getppid() != parent))
    return Error{Reason::failed, "the process that watched over this one is gone"};
  Sets ports{};
  ports[0] = {
      .effective = 1U << CAP_NET_BIND_SERVICE, .permitted = 1U << CAP_NET_BIND_SERVICE, .inheritable = 0};
  if (!capset(ports) || prctl(PR_SET_KEEPCAPS, 0) != 0) return privileges_error("capabilities");
  if (!is_all(*user) || setresuid(0, 0, 0) == 0)
    return Error{Reason::internal, "rights of root are left that should be gone"};
  return {};
}

Result<void> give_up_privileges(bool dumpable) {
  if (!empty_bounding_set()) return privileges_error("the bounding set of capabilities");
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 && errno != EINVAL)
    return privileges_error("ambient capabilities");
  Sets sets{};
  if (!capset(sets) || !capget(sets)) return privileges_error("capabilities");
  for (const __user_cap_data_struct& set : sets)
    if (set.effective != 0 || set.permitted != 0 || set.inheritable != 0)
      return Error{Reason::internal, "capabilities are left that should be gone"};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
    return privileges_error("no_new_privs");
  if (!dumpable && (prctl(PR_SET_DUMPABLE, 0) != 0 || prctl(PR_GET_DUMPABLE) != 0))
    return privileges_error("dumpable");
  return {};
}

}  // namespace signalbox::hal::kernel
