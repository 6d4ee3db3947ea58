#include "hal/linux/store.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.hpp"
#include "base/log.hpp"
#include "hal/linux/error_words.hpp"
#include "hal/linux/record_file.hpp"

namespace signalbox::hal::kernel {
namespace {

using FileName = FixedText<71>;

/// The disk takes its milliseconds; nothing is lost by looking late.
constexpr Duration kStorePollPeriod = from_ms(10);
/// A writer that dies is replaced, and does it again; so often.
constexpr int kTries = 3;

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
  if (!is_record_name(name)) return failure("read", name, EINVAL);
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
  if (!is_record_name(name)) return failure("look at", name, EINVAL);
  struct stat status {};
  if (fstatat(directory_.number(), FileName{name}.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT ? Result<bool>{false} : failure("look at", name, errno);
  if (!S_ISREG(status.st_mode)) return failure("look at", name, S_ISDIR(status.st_mode) ? EISDIR : EINVAL);
  return true;
}

Result<void> Store::put(std::string_view name, std::string_view record, bool to_disk) {
  const Replaced replaced = replace_record(directory_.number(), name, record, to_disk);
  return outcome(name, replaced.error_number, replaced.in_place);
}

Result<void> Store::outcome(std::string_view name, int error_number, bool in_place) const {
  if (error_number == 0) return {};
  if (!in_place) return failure("write", name, error_number);
  // It is there for everybody who reads it, and what was before is not: a failure now would be believed, and
  // be untrue.
  log(Severity::error, "%s; it is written, but a power cut may bring back what was before",
      failure("sync", name, error_number).detail.c_str());
  return {};
}

Result<void> Store::take_away(std::string_view name, bool to_disk) {
  if (!is_record_name(name)) return failure("remove", name, EINVAL);
  // What a writer that was killed left is as secret.
  const bool tidy = unlinkat(directory_.number(), name_beside(name).c_str(), 0) == 0 || errno == ENOENT;
  const int removed = tidy && unlinkat(directory_.number(), FileName{name}.c_str(), 0) == 0 ? 0 : errno;
  if (removed != 0 && removed != ENOENT) return failure("remove", name, removed);
  if (to_disk && fsync(directory_.number()) != 0) return failure("remove", name, errno);
  return removed == 0 ? Result<void>{} : failure("remove", name, removed);
}

void Store::do_save(SaveOperation& operation) {
  SIGNALBOX_CHECK(writer_.is_open() && pending_ == nullptr && operation.record.size() <= kRecordBytesMax);
  writer_.drop_stale();
  pending_ = &operation;
  request_.head.kind = WriteRequest::Kind::replace;
  request_.head.name = operation.name;
  request_.head.size = static_cast<std::uint32_t>(operation.record.size());
  std::copy(operation.record.begin(), operation.record.end(), request_.bytes.begin());
  tries_left_ = kTries;
  send();
}

void Store::send() {
  ++request_.head.id;
  --tries_left_;
  const char* why = writer_.send(&request_, request_.size());
  if (why != nullptr) end(Error{Reason::failed, why});
}

void Store::do_poll(Instant now) {
  polled_at_ = now;
  while (pending_ != nullptr) {
    WriteReply reply;
    switch (writer_.receive(reply)) {
      case DiskLink::Received::nothing: return;
      case DiskLink::Received::reply: take(reply); break;
      case DiskLink::Received::gone: end(Error{Reason::failed, DiskLink::kGone}); break;
    }
  }
}

void Store::take(const WriteReply& reply) {
  if (reply.id == 0 && tries_left_ > 0) return send();  // whether it was done or not, once more does no harm
  if (reply.id == 0) return end(Error{Reason::failed, "the process that writes it dies of it"});
  if (reply.id != request_.head.id) return;
  end(outcome(request_.head.name, reply.error_number, reply.in_place));
}

void Store::end(const Result<void>& outcome) {
  explicit_bzero(request_.bytes.data(), request_.head.size);
  pending_->completion = outcome ? Completion::done : Completion::failed;
  if (!outcome) pending_->why = outcome.error().detail;
  pending_ = nullptr;
}

Instant Store::do_next() const { return pending_ == nullptr ? kNever : polled_at_ + kStorePollPeriod; }

}  // namespace signalbox::hal::kernel
