#include "app/verify_journal.hpp"

#include <array>
#include <cerrno>
#include <cinttypes>
#include <cstring>

#include "journal/verifier.hpp"

namespace signalbox::app {
namespace {

/// A file read line by line.
class Lines {
 public:
  explicit Lines(const char* path) : file_{std::fopen(path, "rb")} {}
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;
  ~Lines() {
    if (file_ != nullptr) std::fclose(file_);
  }

  /// Whether there was one more line or a part of one; without its line feed in `text`.
  bool next() {
    size_ = 0;
    is_whole_ = false;
    int c = file_ != nullptr ? std::fgetc(file_) : EOF;
    if (c == EOF) return false;
    for (; c != EOF && c != '\n' && size_ < bytes_.size(); c = std::fgetc(file_))
      bytes_[size_++] = static_cast<char>(c);
    is_whole_ = c == '\n';
    return true;
  }
  std::string_view text() const { return {bytes_.data(), size_}; }
  bool is_whole() const { return is_whole_; }
  bool failed() const { return file_ == nullptr || std::ferror(file_) != 0; }

 private:
  std::FILE* file_;
  std::array<char, journal::kLineBytesMax> bytes_{};
  std::size_t size_ = 0;
  bool is_whole_ = false;
};

Error incomplete(std::string_view line) {
  const bool is_long = line.size() >= journal::kLineBytesMax;
  return {.reason = Reason::malformed,
          .detail = is_long
                        ? format_text<95>("found more than %zu characters; expected a record's line",
                                          journal::kLineBytesMax)
                        : format_text<95>("found %zu characters and the end of the file; a power cut left "
                                          "it incomplete",
                                          line.size()),
          .field = "line"};
}

/// Takes the whole file; false where it said what is wrong.
bool verify(const char* path, journal::Verifier& verifier, std::FILE* complaints) {
  Lines lines{path};
  for (std::uint64_t number = 1; lines.next(); ++number) {
    const Result<void> taken =
        lines.is_whole() ? verifier.take(lines.text()) : Result<void>{incomplete(lines.text())};
    if (taken) continue;
    const Error& error = taken.error();
    std::fprintf(complaints, "signalbox: %s:%" PRIu64 ": %s: %s\n", path, number, error.field.c_str(),
                 error.detail.c_str());
    return false;
  }
  if (!lines.failed()) return true;
  std::fprintf(complaints, "signalbox: %s: %s\n", path, std::strerror(errno));
  return false;
}

}  // namespace

int verify_journal(std::span<const char* const> files, std::FILE* to, std::FILE* complaints) {
  journal::Verifier verifier;
  for (const char* path : files) {
    if (verify(path, verifier, complaints)) continue;
    std::fprintf(complaints, "signalbox: %" PRIu64 " records before that are proven\n", verifier.proven());
    return 1;
  }
  std::fprintf(to, "journal: %" PRIu64 " records proven", verifier.proven());
  if (verifier.proven() > 0)
    std::fprintf(to, ", %" PRIu64 " to %" PRIu64 "; gaps: %" PRIu64 "; %s\nhash of the last: %s",
                 verifier.first(), verifier.last(), verifier.gaps(),
                 verifier.ends_stopped() ? "it ends with a stop in order" : "it goes on, or was cut off",
                 journal::text_of(verifier.head()).c_str());
  std::fprintf(to, "\n");
  return 0;
}

}  // namespace signalbox::app
