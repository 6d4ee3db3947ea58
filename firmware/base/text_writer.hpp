#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace signalbox {

/// Text in memory lent by the caller. Once something did not fit, nothing more is written and `fits()` is
/// false.
class TextWriter {
 public:
  explicit TextWriter(std::span<char> into) : into_{into} {}

  TextWriter& put(std::string_view text) {
    fits_ = fits_ && text.size() <= into_.size() - size_;
    if (fits_) size_ += text.copy(into_.data() + size_, text.size());
    return *this;
  }
  /// With a backslash before each of these; control characters, which end lines, become spaces.
  TextWriter& escaped(std::string_view text, std::string_view special) {
    for (const char c : text) {
      if (special.find(c) != std::string_view::npos) put("\\");
      const char shown = static_cast<unsigned char>(c) < ' ' ? ' ' : c;
      put({&shown, 1});
    }
    return *this;
  }

  bool fits() const { return fits_; }
  std::size_t size() const { return size_; }
  /// Forgets what came behind the first `size` bytes, as after something that did not fit.
  void back_to(std::size_t size) {
    size_ = size;
    fits_ = true;
  }
  std::string_view written() const { return {into_.data(), size_}; }

 private:
  std::span<char> into_;
  std::size_t size_ = 0;
  bool fits_ = true;
};

}  // namespace signalbox
