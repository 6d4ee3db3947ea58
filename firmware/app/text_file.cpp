#include "app/text_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace signalbox::app {
namespace {

Error failure(const char* path, int error_number) {
  const Reason reason = error_number == ENOENT   ? Reason::not_found
                        : error_number == EACCES ? Reason::forbidden
                                                 : Reason::failed;
  return Error{reason, format_text<95>("%.60s: %s", path, std::strerror(error_number))};
}

}  // namespace

Result<void> TextFile::read(const char* path) {
  // Non-blocking: what is no file may not hold up the loop.
  const int file = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return failure(path, errno);
  size_ = 0;
  ssize_t taken = 0;
  do {
    taken = ::read(file, bytes_.data() + size_, bytes_.size() - size_);
    if (taken > 0) size_ += static_cast<std::size_t>(taken);
  } while ((taken > 0 && size_ < bytes_.size()) || (taken < 0 && errno == EINTR));
  const int error_number = errno;
  ::close(file);
  const bool more = size_ == bytes_.size();
  if (more) size_ = 0;
  bytes_[size_] = '\0';
  if (taken < 0) return failure(path, error_number);
  if (more) return Error{Reason::too_big, format_text<95>("%.50s is longer than %zu bytes", path, kBytesMax)};
  return {};
}

void TextFile::wipe() {
  explicit_bzero(bytes_.data(), bytes_.size());
  size_ = 0;
}

}  // namespace signalbox::app
