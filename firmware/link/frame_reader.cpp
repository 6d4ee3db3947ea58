#include "link/frame_reader.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace signalbox::link {
namespace {

constexpr std::uint8_t kContinuation = 0;
constexpr std::uint8_t kText = 1;
constexpr std::uint8_t kBinary = 2;
constexpr std::uint8_t kClose = 8;
constexpr std::uint8_t kPing = 9;
constexpr std::uint8_t kPong = 10;

constexpr std::uint16_t kProtocolError = 1002;
constexpr std::uint16_t kUnsupported = 1003;
constexpr std::uint16_t kNotUtf8 = 1007;

std::string_view text_of(std::span<const unsigned char> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Codes that may stand in a close frame: RFC 6455 section 7.4 and the IANA registry.
bool is_sendable(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

}  // namespace

FrameReader::Event FrameReader::read(std::span<unsigned char>& input) {
  while (state_ != State::ended) {
    if (state_ == State::payload) {
      // The head of a message tells that one has begun, though nothing of it came yet.
      if (input.empty() && remaining_ > 0 && (is_control() || part_given_)) return {};
      Event event = is_control() ? control_part(input) : text_part(input);
      if (event.kind != Event::Kind::nothing) return event;
      continue;
    }
    if (input.empty()) return {};
    if (state_ == State::key) {
      take_key(input);
      continue;
    }
    const unsigned char byte = input.front();
    input = input.subspan(1);
    const Event event = state_ == State::head ? start_frame(byte) : take_length(byte);
    if (event.kind != Event::Kind::nothing) return event;
  }
  input = {};
  return {};
}

FrameReader::Event FrameReader::fail(std::uint16_t code, std::string_view why) {
  state_ = State::ended;
  return {.kind = Event::Kind::violation, .code = code, .why = why};
}

FrameReader::Event FrameReader::start_frame(unsigned char byte) {
  opcode_ = byte & 0x0FU;
  final_ = (byte & 0x80U) != 0;
  if ((byte & 0x70U) != 0)
    return fail(kProtocolError, "a reserved bit is set, and no extension was agreed on");
  switch (opcode_) {
    case kContinuation:
      if (!in_message_) return fail(kProtocolError, "a continuation without a message");
      break;
    case kText:
      if (in_message_) return fail(kProtocolError, "a new message inside a fragmented one");
      in_message_ = true;
      part_given_ = false;
      utf8_.restart();
      break;
    case kBinary: return fail(kUnsupported, "binary messages are not spoken here: send JSON as text");
    case kClose:
    case kPing:
    case kPong:
      if (!final_) return fail(kProtocolError, "a fragmented control frame");
      break;
    default: return fail(kProtocolError, "a reserved opcode");
  }
  state_ = State::length;
  wanted_ = 0;
  return {};
}

FrameReader::Event FrameReader::take_length(unsigned char byte) {
  if (wanted_ > 0) {
    if (wanted_ == 8 && (byte & 0x80U) != 0) return fail(kProtocolError, "a length of 2^63 bytes or more");
    remaining_ = remaining_ << 8U | byte;
    if (--wanted_ > 0) return {};
    if (remaining_ < length_min_) return fail(kProtocolError, "a length not in its shortest form");
    return finish_head();
  }
  if ((byte & 0x80U) == 0) return fail(kProtocolError, "a frame that is not masked");
  remaining_ = byte & 0x7FU;
  if (is_control() && remaining_ > kControlBytesMax)
    return fail(kProtocolError, "a control frame over 125 bytes");
  if (remaining_ < 126) return finish_head();
  wanted_ = remaining_ == 126 ? 2 : 8;
  length_min_ = remaining_ == 126 ? 126 : 65536;
  remaining_ = 0;
  return {};
}

FrameReader::Event FrameReader::finish_head() {
  state_ = State::key;
  wanted_ = 4;
  control_size_ = 0;
  return {};
}

void FrameReader::take_key(std::span<unsigned char>& input) {
  const std::size_t size = std::min<std::size_t>(wanted_, input.size());
  std::copy_n(input.begin(), size, key_.end() - wanted_);
  input = input.subspan(size);
  wanted_ = static_cast<std::uint8_t>(wanted_ - size);
  if (wanted_ == 0) state_ = State::payload;
}

void FrameReader::unmask(std::span<unsigned char> bytes) {
  using Block = std::uint32_t __attribute__((vector_size(16)));
  const Block key = Block{} + std::bit_cast<std::uint32_t>(key_);  // four times
  std::size_t i = 0;
  for (Block block; i + sizeof block <= bytes.size(); i += sizeof block) {
    std::memcpy(&block, &bytes[i], sizeof block);
    block ^= key;
    std::memcpy(&bytes[i], &block, sizeof block);
  }
  for (; i < bytes.size(); ++i) bytes[i] ^= key_[i & 3U];
  const std::array<unsigned char, 4> its = key_;
  for (i = 0; i < its.size(); ++i) key_[i] = its[(i + bytes.size()) & 3U];  // of the next byte first
}

FrameReader::Event FrameReader::text_part(std::span<unsigned char>& input) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, input.size()));
  const std::span<unsigned char> part = input.first(size);
  input = input.subspan(size);
  unmask(part);
  remaining_ -= size;
  if (!utf8_.take(part)) return fail(kNotUtf8, "the text is not UTF-8");
  if (remaining_ == 0) state_ = State::head;
  const bool last = final_ && remaining_ == 0;
  if (last && !utf8_.complete()) return fail(kNotUtf8, "the text ends inside a UTF-8 character");
  if (last) in_message_ = false;
  const bool first = !part_given_;
  part_given_ = true;
  return {.kind = Event::Kind::text, .bytes = text_of(part), .first = first, .last = last};
}

FrameReader::Event FrameReader::control_part(std::span<unsigned char>& input) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, input.size()));
  unmask(input.first(size));
  std::copy_n(input.data(), size, control_.data() + control_size_);
  input = input.subspan(size);
  control_size_ = static_cast<std::uint8_t>(control_size_ + size);
  remaining_ -= size;
  if (remaining_ > 0) return {};
  state_ = State::head;
  if (opcode_ == kClose) return close_frame();
  return {.kind = opcode_ == kPing ? Event::Kind::ping : Event::Kind::pong,
          .bytes = text_of(std::span{control_}.first(control_size_))};
}

FrameReader::Event FrameReader::close_frame() {
  if (control_size_ == 1) return fail(kProtocolError, "a close frame with half a code");
  std::uint16_t code = kNoCode;
  if (control_size_ >= 2) {
    code = static_cast<std::uint16_t>(control_[0] << 8U | control_[1]);
    if (!is_sendable(code)) return fail(kProtocolError, "a close code that must not be sent");
    Utf8Check reason;
    if (!reason.take(std::span{control_}.subspan(2, control_size_ - 2U)) || !reason.complete())
      return fail(kNotUtf8, "the close reason is not UTF-8");
  }
  state_ = State::ended;
  return {.kind = Event::Kind::close, .code = code};
}

}  // namespace signalbox::link
