#include "app/text_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace signalbox::app {
namespace {

Error failure(const char* path, int error_number) {
  const Reason reason = error_number == ENOENT   ? Reason::not_found
                        : error_number == EACCES ? Reason::forbidden
                                                 : Reason::failed;
  return Error{reason, format_text<95>("%.60s: %s", path, std::strerror(error_number))};
}

/// Whether more may read it than the owner of a key would want.
Result<void> check_secrecy(const char* path, int file) {
  struct stat status {};
  if (::fstat(file, &status) != 0) return failure(path, errno);
  const mode_t too_many = status.st_uid == ::geteuid() ? S_IRWXG | S_IRWXO : S_IRWXO;
  if (!S_ISREG(status.st_mode) || (status.st_mode & too_many) == 0) return {};
  return Error{Reason::forbidden,
               format_text<159>("%.60s: others may use this key (its mode is %04o); expected 0600", path,
                                static_cast<unsigned>(status.st_mode & 07777U))};
}

}  // namespace

Result<void> TextFile::read(const char* path, bool is_secret) {
  // Non-blocking: what is no file may not hold up the loop.
  const int file = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return failure(path, errno);
  size_ = 0;
  if (const Result<void> secret = is_secret ? check_secrecy(path, file) : Result<void>{}; !secret) {
    ::close(file);
    return secret;
  }
  ssize_t taken = 0;
  do {
    taken = ::read(file, bytes_.data() + size_, bytes_.size() - size_);
    if (taken > 0) size_ += static_cast<std::size_t>(taken);
  } while ((taken > 0 && size_ < bytes_.size()) || (taken < 0 && errno == EINTR));
  const int error_number = errno;
  ::close(file);
  const bool more = size_ == bytes_.size();
  touched_ = std::max(touched_, size_);
  if (more) size_ = 0;
  bytes_[size_] = '\0';
  if (taken < 0) return failure(path, error_number);
  if (more) return Error{Reason::too_big, format_text<95>("%.50s is longer than %zu bytes", path, kBytesMax)};
  return {};
}

void TextFile::wipe() {
  explicit_bzero(bytes_.data(), touched_);
  size_ = touched_ = 0;
}

}  // namespace signalbox::app
