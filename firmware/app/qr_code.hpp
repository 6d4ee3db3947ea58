#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string_view>

namespace signalbox::app {

/// A QR code (ISO/IEC 18004) of up to 106 bytes: byte mode, error correction level L, versions 1 to 5. Those
/// are all one block of codewords; and a screen has no stains, which a higher level is for.
class QrCode {
 public:
  static constexpr std::size_t kTextBytesMax = 106;
  static constexpr unsigned kSizeMax = 37;

  /// Nothing where the text is too long.
  static std::optional<QrCode> of(std::string_view text);

  /// Modules on each side, without the quiet zone of 4 around it.
  unsigned size() const { return size_; }
  bool is_dark(unsigned x, unsigned y) const { return ((dark_[y] >> x) & 1U) != 0; }

  /// Half blocks of UTF-8 with the quiet zone around, two modules in a character, light on dark as most
  /// consoles are. Each line begins with `indent`.
  void print(std::FILE* to, const char* indent) const;

 private:
  using Rows = std::array<std::uint64_t, kSizeMax>;  ///< bit x of row y

  explicit QrCode(unsigned version) : version_{version}, size_{17 + 4 * version} {}

  void set(unsigned x, unsigned y, bool dark);
  void set_function(unsigned x, unsigned y, bool dark);
  void draw_finder(unsigned center_x, unsigned center_y);
  void draw_patterns();
  void draw_format(unsigned mask);
  void draw_codewords(const std::uint8_t* codewords, std::size_t count);
  void apply(unsigned mask);
  unsigned penalty() const;
  unsigned penalty_of_lines(bool columns) const;

  unsigned version_;
  unsigned size_;
  Rows dark_{};
  Rows function_{};  ///< modules that hold no data
};

}  // namespace signalbox::app
