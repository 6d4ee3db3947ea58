#include "session/inbox.hpp"

#include <algorithm>

namespace signalbox::session {

Inbox::Taken Inbox::take(FramePool& pool, std::string_view part, bool first, bool last, Instant now) {
  if (first) {
    clear(pool);
    if (last) return {Outcome::complete, part};
    since_ = now;
    frame_ = pool.take();
    skipping_ = frame_ == kNoFrame;
  }
  if (skipping_) {
    if (!last) return {};
    clear(pool);
    return {Outcome::no_room, {}};
  }
  if (frame_ == kNoFrame) return {};  // the rest of a message that was refused already
  const std::span<char> memory = pool.memory(frame_);
  if (part.size() > memory.size() - size_) {
    clear(pool);
    return {Outcome::too_big, {}};
  }
  std::copy(part.begin(), part.end(), memory.begin() + size_);
  size_ += static_cast<std::uint32_t>(part.size());
  if (!last) return {};
  since_ = kNever;
  return {Outcome::complete, {memory.data(), size_}};
}

void Inbox::clear(FramePool& pool) {
  if (frame_ != kNoFrame) pool.let_go(frame_);
  *this = Inbox{};
}

}  // namespace signalbox::session
