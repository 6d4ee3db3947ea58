#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "link/utf8_check.hpp"

namespace signalbox::link {

/// What stands for a close frame without a code (RFC 6455 section 7.1.5).
constexpr std::uint16_t kNoCode = 1005;

/// Reads what a client sends after the handshake (RFC 6455 section 5), in pieces of any size, strictly:
/// everything the RFC forbids a client ends in `violation`, and nothing is read after it.
class FrameReader {
 public:
  static constexpr std::size_t kControlBytesMax = 125;

  struct Event {
    enum class Kind : std::uint8_t {
      nothing,    ///< the input is used up
      text,       ///< `bytes` of a text message; `first`, `last`
      ping,       ///< `bytes` of its payload
      pong,       ///< `bytes` of its payload
      close,      ///< with `code`, 1005 where it carried none
      violation,  ///< close with `code`, because of `why`
    };
    Kind kind = Kind::nothing;
    std::string_view bytes{};  ///< lies in the input, or in the reader until its next call
    bool first = false;
    bool last = false;
    std::uint16_t code = 0;
    std::string_view why{};
  };

  /// Takes bytes off `input` up to the next event. The payload is unmasked in place. Every frame gives one,
  /// an empty fragment too: it costs time as any other.
  Event read(std::span<unsigned char>& input);

  /// Looks at nothing any more.
  void end() { state_ = State::ended; }
  /// It came to a close frame, a violation or `end`: whatever follows is not looked at.
  bool ended() const { return state_ == State::ended; }

 private:
  enum class State : std::uint8_t { head, length, key, payload, ended };

  Event fail(std::uint16_t code, std::string_view why);
  Event start_frame(unsigned char byte);
  Event take_length(unsigned char byte);
  Event finish_head();
  Event text_part(std::span<unsigned char>& input);
  Event control_part(std::span<unsigned char>& input);
  Event close_frame();
  void take_key(std::span<unsigned char>& input);
  void unmask(std::span<unsigned char> bytes);
  bool is_control() const { return (opcode_ & 8U) != 0; }

  State state_ = State::head;
  std::uint8_t opcode_ = 0;
  bool final_ = false;
  bool in_message_ = false;  ///< a text message has begun and not ended
  bool part_given_ = false;  ///< some of it was handed on
  std::uint8_t wanted_ = 0;  ///< bytes of the length or the key still to come
  std::uint8_t control_size_ = 0;
  std::array<unsigned char, 4> key_{};
  std::uint64_t remaining_ = 0;   ///< payload still to come
  std::uint64_t length_min_ = 0;  ///< below it a shorter form would have done
  Utf8Check utf8_;
  std::array<unsigned char, kControlBytesMax> control_;
};

}  // namespace signalbox::link
