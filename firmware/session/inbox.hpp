#pragma once

#include <cstdint>
#include <string_view>

#include "base/instant.hpp"
#include "session/frame_pool.hpp"

namespace signalbox::session {

/// Puts the parts of one session's incoming message together. A message that comes whole is never copied; one
/// in pieces borrows a frame until it is complete.
class Inbox {
 public:
  enum class Outcome : std::uint8_t {
    incomplete,
    complete,  ///< `message` is whole; valid until the next call
    too_big,   ///< longer than a message may be
    no_room,   ///< all frames for pieces are in use; the message is skipped to its end, reported once there
  };
  struct Taken {
    Outcome outcome = Outcome::incomplete;
    std::string_view message;
  };

  Taken take(FramePool& pool, std::string_view part, bool first, bool last, Instant now);
  /// Frees what is kept; also after a complete message was dealt with.
  void clear(FramePool& pool);
  /// Since when a message has been incomplete; kNever: none is.
  Instant incomplete_since() const { return since_; }

 private:
  FrameId frame_ = kNoFrame;
  std::uint32_t size_ = 0;
  bool skipping_ = false;
  Instant since_ = kNever;
};

}  // namespace signalbox::session
