#pragma once

#include <array>
#include <string_view>

#include "base/result.hpp"

namespace signalbox::app {

/// A text file that the command line names, read whole before the loop starts; a NUL follows the text.
class TextFile {
 public:
  static constexpr std::size_t kBytesMax = 64 * 1024;

  /// Errors: `notFound`, `forbidden`, `tooBig`, `failed`, with words that name the file.
  Result<void> read(const char* path);
  std::string_view text() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, kBytesMax + 1> bytes_{};
  std::size_t size_ = 0;
};

}  // namespace signalbox::app
