#include "link/frame_writer.hpp"

#include <algorithm>
#include <cstring>

namespace signalbox::link {
namespace {

constexpr std::size_t kShortMax = 125;  // longer ones say their length in two more bytes

}  // namespace

std::span<char> FrameWriter::room() const {
  const std::size_t left = memory_.size() - size_;
  if (left <= kHeadBytesMax) return {};
  return memory_.subspan(size_ + kHeadBytesMax, std::min(left - kHeadBytesMax, kPayloadBytesMax));
}

bool FrameWriter::add(Kind kind, std::string_view payload, bool first, bool last) {
  const std::size_t head = payload.size() > kShortMax ? kHeadBytesMax : 2;
  if (payload.size() > kPayloadBytesMax || head + payload.size() > memory_.size() - size_) return false;
  char* at = memory_.data() + size_;
  if (!payload.empty()) std::memmove(at + head, payload.data(), payload.size());
  const unsigned opcode = first ? static_cast<unsigned>(kind) : 0;
  at[0] = static_cast<char>((last ? 0x80U : 0U) | opcode);
  at[1] = static_cast<char>(head == 2 ? payload.size() : 126);
  if (head > 2) {
    at[2] = static_cast<char>(payload.size() >> 8U);
    at[3] = static_cast<char>(payload.size());
  }
  size_ += head + payload.size();
  return true;
}

}  // namespace signalbox::link
