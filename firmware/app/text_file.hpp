#pragma once

#include <array>
#include <string_view>

#include "base/result.hpp"

namespace signalbox::app {

/// A text file that the command line names, read whole, without the heap; a NUL follows the text. It waits
/// for the disk, which for a small file beside the program is short enough also while the loop runs.
class TextFile {
 public:
  static constexpr std::size_t kBytesMax = 64 * 1024;

  /// Errors: `notFound`, `forbidden`, `tooBig`, `failed`, with words that name the file.
  Result<void> read(const char* path) { return read(path, false); }
  /// The same of a file that nobody else may read, which is `forbidden` otherwise; where it is not our own,
  /// its group may, as that of keys which the system hands out.
  Result<void> read_secret(const char* path) { return read(path, true); }
  /// Leaves nothing of a secret.
  void wipe();
  std::string_view text() const { return {bytes_.data(), size_}; }

 private:
  Result<void> read(const char* path, bool is_secret);

  std::array<char, kBytesMax + 1> bytes_;  ///< not touched before there is something to keep
  std::size_t size_ = 0;
  std::size_t touched_ = 0;
};

}  // namespace signalbox::app
