#include "hal/linux/store.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.hpp"
#include "hal/linux/error_words.hpp"

namespace signalbox::hal::kernel {
namespace {

constexpr mode_t kOwnerOnly = 0600;
using FileName = FixedText<71>;

/// Where a record is written before it takes its place.
FileName name_beside(std::string_view name) {
  return format_text<71>(".%.*s.new", static_cast<int>(name.size()), name.data());
}

bool is_valid_name(std::string_view name) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  return !name.empty() && name.size() <= 63 && name[0] != '.' &&
         name.find_first_not_of(kLetters) == std::string_view::npos;
}

}  // namespace

Error Store::failure(const char* what, std::string_view name, int error_number) const {
  const Reason reason = error_number == ENOENT ? Reason::not_found : Reason::failed;
  return {reason, format_text<95>("cannot %s %.*s: %s (in %s)", what, static_cast<int>(name.size()),
                                  name.data(), error_words(error_number), path_.c_str())};
}

Result<void> Store::open(const char* directory) {
  path_ = directory;
  Descriptor opened{::open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!opened || faccessat(opened.number(), ".", W_OK | X_OK, AT_EACCESS) != 0) {
    const int error_number = errno;
    const Reason reason = error_number == ENOENT ? Reason::not_found : Reason::failed;
    FixedText<63> owner;
    if (struct stat status{}; error_number == EACCES && stat(directory, &status) == 0)
      owner = format_text<63>(" (it belongs to user %u, we are user %u)", status.st_uid, geteuid());
    return Error{reason, format_text<223>("cannot %s the directory %s: %s%s", opened ? "write to" : "open",
                                          directory, error_words(error_number), owner.c_str())};
  }
  struct stat status {};
  if (fstat(opened.number(), &status) != 0)
    return Error{Reason::failed,
                 format_text<223>("cannot look at the directory %s: %s", directory, error_words(errno))};
  if (status.st_uid != geteuid() && status.st_uid != 0)
    return Error{Reason::forbidden,
                 format_text<223>("the directory %s belongs to user %u; expected %u, who we are", directory,
                                  status.st_uid, geteuid())};
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return Error{Reason::forbidden,
                 format_text<223>("others may write to the directory %s (its mode is %04o); expected 0700",
                                  directory, static_cast<unsigned>(status.st_mode & 07777U))};
  directory_ = std::move(opened);
  return {};
}

Result<std::size_t> Store::do_read(std::string_view name, std::span<char> into) {
  if (!is_valid_name(name)) return failure("read", name, EINVAL);
  const int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
  const Descriptor file{openat(directory_.number(), FileName{name}.c_str(), flags)};
  struct stat status {};
  if (!file || fstat(file.number(), &status) != 0) return failure("read", name, errno);
  if (!S_ISREG(status.st_mode)) return failure("read", name, EISDIR);
  if (const Result<void> is_private = check_secrecy(name, status); !is_private) return is_private.error();
  if (static_cast<std::uint64_t>(status.st_size) > into.size())
    return Error{Reason::too_big, format_text<95>("cannot read %.*s: it has %lld bytes, at most %zu fit",
                                                  static_cast<int>(name.size()), name.data(),
                                                  static_cast<long long>(status.st_size), into.size())};
  const long size = file.read_all(into);
  if (size < 0) return failure("read", name, errno);
  return static_cast<std::size_t>(size);
}

/// Whether nobody else may read or change it, as `--key` is held to it.
Result<void> Store::check_secrecy(std::string_view name, const struct stat& status) const {
  if (status.st_uid == geteuid() && (status.st_mode & (S_IRWXG | S_IRWXO)) == 0) return {};
  FixedText<95> why = format_text<95>("others may use it (its mode is %04o); expected 0600",
                                      static_cast<unsigned>(status.st_mode & 07777U));
  if (status.st_uid != geteuid())
    why = format_text<95>("it belongs to user %u; expected %u, who we are", status.st_uid, geteuid());
  return Error{Reason::forbidden,
               format_text<223>("cannot read %.*s: %s (in %s)", static_cast<int>(name.size()), name.data(),
                                why.c_str(), path_.c_str())};
}

Result<bool> Store::do_has(std::string_view name) {
  if (!is_valid_name(name)) return failure("look at", name, EINVAL);
  struct stat status {};
  if (fstatat(directory_.number(), FileName{name}.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT ? Result<bool>{false} : failure("look at", name, errno);
  if (!S_ISREG(status.st_mode)) return failure("look at", name, S_ISDIR(status.st_mode) ? EISDIR : EINVAL);
  return true;
}

Result<void> Store::put(std::string_view name, std::string_view record, bool to_disk) {
  if (!is_valid_name(name)) return failure("write", name, EINVAL);
  const FileName final_name{name};
  const FileName new_name = name_beside(name);
  const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
  const Descriptor file{openat(directory_.number(), new_name.c_str(), flags, kOwnerOnly)};
  if (!file) return failure("write", name, errno);
  const bool written =
      fchmod(file.number(), kOwnerOnly) == 0 && file.write_all(record) &&
      (!to_disk || fsync(file.number()) == 0) &&
      renameat(directory_.number(), new_name.c_str(), directory_.number(), final_name.c_str()) == 0;
  if (!written) {
    const int error_number = errno;
    unlinkat(directory_.number(), new_name.c_str(), 0);
    return failure("write", name, error_number);
  }
  // It is there for everybody who reads it, and what was before is not: a failure now would be believed, and
  // be untrue.
  if (to_disk && fsync(directory_.number()) != 0)
    log(Severity::error, "%s; it is written, but a power cut may bring back what was before",
        failure("sync", name, errno).detail.c_str());
  return {};
}

Result<void> Store::do_remove(std::string_view name) {
  if (!is_valid_name(name)) return failure("remove", name, EINVAL);
  // What a writer that was killed left is as secret.
  const bool tidy = unlinkat(directory_.number(), name_beside(name).c_str(), 0) == 0 || errno == ENOENT;
  const int removed = tidy && unlinkat(directory_.number(), FileName{name}.c_str(), 0) == 0 ? 0 : errno;
  if (removed != 0 && removed != ENOENT) return failure("remove", name, removed);
  if (fsync(directory_.number()) != 0) return failure("remove", name, errno);
  return removed == 0 ? Result<void>{} : failure("remove", name, removed);
}

}  // namespace signalbox::hal::kernel
