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

  const Descriptor file = open_to_read(name);
  struct stat status {};
  if (!file && errno != ENOENT) return failure("read", errno);
  if (file && fstat(file.number(), &status) != 0) return failure("read", errno);
  if (file && !S_ISREG(status.st_mode)) return failure("read", S_ISDIR(status.st_mode) ? EISDIR : EINVAL);
  end_ = static_cast<std::uint64_t>(status.st_size);

  std::array<int, 2> ends{};
  std::array<int, 2> record_ends{};
  constexpr int kType = SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK;
  if (socketpair(AF_UNIX, kType, 0, ends.data()) != 0) return failure("start the writer of", errno);
  link_ = DiskLink{Descriptor{ends[0]}};
  const Descriptor theirs{ends[1]};
  if (socketpair(AF_UNIX, kType, 0, record_ends.data()) != 0) return failure("start the writer of", errno);
  records_ = DiskLink{Descriptor{record_ends[0]}};
  const Descriptor their_records{record_ends[1]};
  for (const int end : {theirs.number(), their_records.number()})
    if (fcntl(end, F_SETFL, 0) != 0) return failure("start the writer of", errno);  // it may wait
  const DiskWorker::Sockets sockets{theirs.number(), their_records.number()};
  watcher_ = DiskWorker{directory_.number(), sockets, name_, fenced}.start();
  if (watcher_ < 0) return failure("start the writer of", errno);
  return {};
}

Descriptor AppendLog::open_to_read(const char* name) const {
  return Descriptor{openat(directory_.number(), name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
}

Result<std::size_t> AppendLog::do_read_end(std::span<char> into) {
  std::uint64_t size = end_;
  Descriptor file = open_to_read(name_.c_str());
  if (size == 0) {  // cut off between becoming the previous one and beginning anew, perhaps
    file = open_to_read(format_text<33>("%s.1", name_.c_str()).c_str());
    struct stat status {};
    if (!file && errno == ENOENT) return std::size_t{0};
    if (file && fstat(file.number(), &status) == 0) size = static_cast<std::uint64_t>(status.st_size);
  }
  const std::uint64_t wanted = std::min<std::uint64_t>(size, into.size());
  if (!file || lseek(file.number(), static_cast<off_t>(size - wanted), SEEK_SET) < 0)
    return failure("read", errno);
  const long got = file.read_all(into.first(static_cast<std::size_t>(wanted)));
  if (got < 0) return failure("read", errno);
  return static_cast<std::size_t>(got);
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
