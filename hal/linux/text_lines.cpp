#include "hal/linux/text_lines.hpp"

#include "base/utf8.hpp"

namespace signalbox::hal::kernel {

bool TextLines::take(char byte) {
  if (byte != '\n' && byte != '\r') {
    if (size_ < bytes_.size()) {
      bytes_[size_++] = byte;
    } else if (!is_lost_ || is_new_) {  // once, as one without an end is told too
      ++dropped_;
      is_lost_ = true;
      is_new_ = false;
    }
    return false;
  }
  const std::string_view text{bytes_.data(), size_};
  const bool was_lost = is_lost_;
  size_ = 0;
  is_lost_ = is_new_ = false;
  if (was_lost || text.empty()) return false;
  if (has_controls(text, "\t")) {
    ++dropped_;
    return false;
  }
  return line_.assign(text);
}

}  // namespace signalbox::hal::kernel
