#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/utf8.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it by that name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

namespace signalbox::fuzz {

inline bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = utf8_character_bytes(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

/// What a fuzzer made up, taken off from the front. Beyond its end there are zeros and empty texts.
class Input {
 public:
  Input(const std::uint8_t* bytes, std::size_t size) : rest_{reinterpret_cast<const char*>(bytes), size} {}

  bool is_empty() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  std::uint32_t word() {
    return static_cast<std::uint32_t>(byte()) | static_cast<std::uint32_t>(byte()) << 8U;
  }
  /// 0 up to and without `sides`, of at most 256.
  std::size_t below(std::size_t sides) { return byte() % sides; }
  std::string_view text(std::size_t bytes) {
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  /// Up to the separator, which is taken too.
  std::string_view until(char separator) {
    const std::string_view taken = text(std::min(rest_.find(separator), rest_.size()));
    if (!rest_.empty()) rest_.remove_prefix(1);
    return taken;
  }
  std::string_view rest() { return text(rest_.size()); }

 private:
  std::string_view rest_;
};

}  // namespace signalbox::fuzz
