#pragma once

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <string_view>

namespace signalbox {

/// Text of at most `kCapacity` bytes stored in place. Longer input is cut at a UTF-8 character boundary.
template <std::size_t kCapacity>
class FixedText {
 public:
  static constexpr std::size_t capacity = kCapacity;

  constexpr FixedText() = default;
  constexpr FixedText(std::string_view text) { assign(text); }  // NOLINT(google-explicit-constructor)
  constexpr FixedText(const char* text) { assign(text); }       // NOLINT(google-explicit-constructor)

  template <std::size_t kOther>
  constexpr FixedText(const FixedText<kOther>& other) {  // NOLINT(google-explicit-constructor)
    assign(other.view());
  }

  /// Takes `text`; returns false where it was too long and had to be cut.
  constexpr bool assign(std::string_view text) {
    std::size_t size = text.size();
    if (size > kCapacity) {
      size = kCapacity;
      while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
    }
    std::copy_n(text.data(), size, bytes_.begin());
    bytes_[size] = '\0';
    size_ = static_cast<std::uint16_t>(size);
    return size == text.size();
  }

  constexpr std::string_view view() const { return {bytes_.data(), size_}; }
  constexpr operator std::string_view() const { return view(); }  // NOLINT(google-explicit-constructor)
  constexpr const char* c_str() const { return bytes_.data(); }
  constexpr bool empty() const { return size_ == 0; }
  constexpr std::size_t size() const { return size_; }
  constexpr void clear() { assign({}); }

  friend constexpr bool operator==(const FixedText& a, const FixedText& b) { return a.view() == b.view(); }

 private:
  std::array<char, kCapacity + 1> bytes_{};  ///< always ends in NUL
  std::uint16_t size_ = 0;
};

/// printf into a FixedText; what does not fit is cut at a UTF-8 character boundary.
template <std::size_t kCapacity>
[[gnu::format(printf, 1, 2)]] FixedText<kCapacity> format_text(const char* format, ...) {
  std::array<char, kCapacity + 2> buffer{};  // one more than fits, so that the cut sees where it is
  std::va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(buffer.data(), buffer.size(), format, arguments);
  va_end(arguments);
  return FixedText<kCapacity>{std::string_view{buffer.data()}};
}

/// What `%.*s` takes before the text itself.
constexpr int length(std::string_view text) { return static_cast<int>(text.size()); }

}  // namespace signalbox
