#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace signalbox::link {

/// Lays frames to a client (RFC 6455 section 5.2: not masked) one behind another into memory that is lent, to
/// be sent as one.
class FrameWriter {
 public:
  enum class Kind : std::uint8_t { text = 1, close = 8, ping = 9, pong = 10 };
  static constexpr std::size_t kHeadBytesMax = 4;
  static constexpr std::size_t kPayloadBytesMax = 65535;

  explicit FrameWriter(std::span<char> memory) : memory_{memory} {}

  /// Where the next frame's payload may be written before it is added; a head fits before it.
  std::span<char> room() const;
  /// Adds a frame; false where it does not fit. A message of text may consist of several, the `first` and the
  /// `last` marked.
  bool add(Kind kind, std::string_view payload, bool first = true, bool last = true);

  std::span<char> written() const { return memory_.first(size_); }

 private:
  std::span<char> memory_;
  std::size_t size_ = 0;
};

}  // namespace signalbox::link
