#include "hal/linux/append_log.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.hpp"
#include "hal/linux/error_words.hpp"

namespace signalbox::hal::kernel {
namespace {

/// A predecessor that was killed may still be in the middle of a write.
constexpr int kLockTries = 300;
constexpr int kEndTries = 200;
constexpr int kTry_ms = 10;
/// The disk takes its milliseconds; nothing is lost by looking late.
constexpr Duration kLogPollPeriod = from_ms(20);

/// The first so many bytes, or all there are.
std::span<char> at_most(std::uint64_t bytes, std::span<char> of) {
  return of.first(static_cast<std::size_t>(std::min<std::uint64_t>(bytes, of.size())));
}

}  // namespace

AppendLog::~AppendLog() {
  if (watcher_ < 0) return;
  link_ = DiskLink{};
  for (int tries = 0; tries < kEndTries && waitpid(watcher_, nullptr, WNOHANG) == 0; ++tries)
    ::poll(nullptr, 0, kTry_ms);
}

Error AppendLog::failure(const char* what, int error_number) const {
  const Reason reason = error_number == ENOENT ? Reason::not_found : Reason::failed;
  return {reason, format_text<95>("cannot %s %s: %s (in %s)", what, name_.c_str(), error_words(error_number),
                                  path_.c_str())};
}

Result<void> AppendLog::lock(const char* directory) {
  path_ = directory;
  directory_ = Descriptor{::open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!directory_) return failure("open the directory of", errno);
  for (int tries = 0; flock(directory_.number(), LOCK_EX | LOCK_NB) != 0; ++tries) {
    if (errno != EWOULDBLOCK) return failure("lock the directory of", errno);
    if (tries == kLockTries)
      return Error{Reason::held, format_text<95>("another device keeps its %s in %s; give each its own",
                                                 name_.c_str(), path_.c_str())};
    ::poll(nullptr, 0, kTry_ms);
  }
  return {};
}

Result<void> AppendLog::open(const char* directory, const char* name, std::uint64_t file_bytes_max,
                             bool fenced) {
  SIGNALBOX_CHECK(watcher_ < 0 && file_bytes_max >= kPieceBytesMax);
  name_ = name;
  file_bytes_max_ = file_bytes_max;
  const Result<void> locked = lock(directory);
  if (!locked) return locked.error();
  const Result<void> found = find_end();
  if (!found) return found.error();

  std::array<Descriptor, std::tuple_size_v<DiskWorker::Sockets>> theirs;
  DiskWorker::Sockets sockets{};
  const std::array<DiskLink*, sockets.size()> ours{&link_, &beside_, &records_};
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
      return failure("start the writer of", errno);
    *ours[i] = DiskLink{Descriptor{ends[0]}};
    theirs[i] = Descriptor{ends[1]};
    sockets[i] = ends[1];
    if (fcntl(ends[1], F_SETFL, 0) != 0) return failure("start the writer of", errno);  // it may wait
  }
  watcher_ = DiskWorker{directory_.number(), sockets, fenced}.start();
  if (watcher_ < 0) return failure("start the writer of", errno);
  return {};
}

Result<void> AppendLog::open_beside(AppendLog& first, const char* name, std::uint64_t file_bytes_max) {
  SIGNALBOX_CHECK(first.beside_.is_open() && file_bytes_max >= kPieceBytesMax);
  name_ = name;
  path_ = first.path_;
  file_bytes_max_ = file_bytes_max;
  directory_ = Descriptor{fcntl(first.directory_.number(), F_DUPFD_CLOEXEC, 0)};
  if (!directory_) return failure("open the directory of", errno);
  const Result<void> found = find_end();
  if (found) link_ = std::move(first.beside_);
  return found;
}

Result<void> AppendLog::find_end() {
  const Descriptor file = open_to_read(name_.c_str());
  struct stat status {};
  if (!file && errno != ENOENT) return failure("read", errno);
  if (file && fstat(file.number(), &status) != 0) return failure("read", errno);
  if (file && !S_ISREG(status.st_mode)) return failure("read", S_ISDIR(status.st_mode) ? EISDIR : EINVAL);
  end_ = static_cast<std::uint64_t>(status.st_size);
  return {};
}

Descriptor AppendLog::open_to_read(const char* name) const {
  return Descriptor{openat(directory_.number(), name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
}

/// 0 where there is none.
Result<std::uint64_t> AppendLog::size_of_previous() const {
  struct stat status {};
  if (fstatat(directory_.number(), previous_of(name_.c_str()).c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0)
    return static_cast<std::uint64_t>(status.st_size);
  return errno == ENOENT ? Result<std::uint64_t>{0} : failure("read", errno);
}

Result<std::size_t> AppendLog::read_at(const char* name, std::uint64_t place, std::span<char> into) const {
  const Descriptor file = open_to_read(name);
  if (!file || lseek(file.number(), static_cast<off_t>(place), SEEK_SET) < 0) return failure("read", errno);
  const long got = file.read_all(into);
  if (got < 0) return failure("read", errno);
  return static_cast<std::size_t>(got);
}

Result<std::size_t> AppendLog::do_read_end(std::span<char> into) {
  if (end_ == 0) {  // cut off between becoming the previous one and beginning anew, perhaps
    const Result<std::uint64_t> size = size_of_previous();
    if (!size) return size.error();
    if (*size == 0) return std::size_t{0};
    const std::span<char> wanted = at_most(*size, into);
    return read_at(previous_of(name_.c_str()).c_str(), *size - wanted.size(), wanted);
  }
  const std::span<char> wanted = at_most(end_, into);
  return read_at(name_.c_str(), end_ - wanted.size(), wanted);
}

Result<std::size_t> AppendLog::do_read(std::uint64_t place, std::span<char> into) {
  const Result<std::uint64_t> before = size_of_previous();
  if (!before) return before.error();
  const bool is_before = place < *before;
  const std::uint64_t there = is_before ? *before - place : *before + end_ - std::min(place, *before + end_);
  const std::span<char> wanted = at_most(there, into);
  if (wanted.empty()) return std::size_t{0};
  if (is_before) return read_at(previous_of(name_.c_str()).c_str(), place, wanted);
  return read_at(name_.c_str(), place - *before, wanted);
}

void AppendLog::do_drop_end(std::size_t bytes) { end_ -= std::min<std::uint64_t>(end_, bytes); }

void AppendLog::do_append(AppendOperation& operation) {
  SIGNALBOX_CHECK(pending_ == nullptr && !operation.bytes.empty() &&
                  operation.bytes.size() <= kPieceBytesMax);
  link_.drop_stale();
  pending_ = &operation;
  std::copy(operation.bytes.begin(), operation.bytes.end(), request_.bytes.begin());
  request_.head.size = static_cast<std::uint32_t>(operation.bytes.size());
  const bool is_full = end_ > 0 && end_ + operation.bytes.size() > file_bytes_max_;
  send(is_full ? WriteRequest::Kind::rotate : WriteRequest::Kind::append);
}

void AppendLog::send(WriteRequest::Kind kind) {
  ++request_.head.id;
  request_.head.kind = kind;
  request_.head.name = name_.view();
  request_.head.offset = end_;
  if (const char* why = link_.send(&request_, request_.size()); why != nullptr) fail(why);
}

void AppendLog::do_poll(Instant now) {
  polled_at_ = now;
  while (pending_ != nullptr) {
    WriteReply reply;
    switch (link_.receive(reply)) {
      case DiskLink::Received::nothing: return;
      case DiskLink::Received::reply: take(reply); break;
      case DiskLink::Received::gone: fail(DiskLink::kGone); break;
    }
  }
}

void AppendLog::take(const WriteReply& reply) {
  if (reply.id == 0) return fail("the process that writes it died; another one takes over");
  if (reply.id != request_.head.id) return;  // of one that was given up
  if (reply.error_number != 0) return fail(error_words(reply.error_number));
  end_ = reply.end;
  if (request_.head.kind == WriteRequest::Kind::rotate) return send(WriteRequest::Kind::append);
  pending_->completion = Completion::done;
  pending_ = nullptr;
}

void AppendLog::fail(const char* why) {
  pending_->why = why;
  pending_->completion = Completion::failed;
  pending_ = nullptr;
}

Instant AppendLog::do_next() const { return pending_ == nullptr ? kNever : polled_at_ + kLogPollPeriod; }

}  // namespace signalbox::hal::kernel
