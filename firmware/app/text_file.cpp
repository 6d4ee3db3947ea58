#include "app/text_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

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
  std::FILE* file = std::fopen(path, "rb");
  if (file == nullptr) return failure(path, errno);
  size_ = std::fread(bytes_.data(), 1, kBytesMax, file);
  const bool failed = std::ferror(file) != 0;
  const int error_number = errno;
  const bool more = !failed && std::fgetc(file) != EOF;
  std::fclose(file);
  if (failed) return failure(path, error_number);
  if (more) return Error{Reason::too_big, format_text<95>("%.50s is longer than %zu bytes", path, kBytesMax)};
  bytes_[size_] = '\0';
  return {};
}

}  // namespace signalbox::app
