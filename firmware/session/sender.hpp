#pragma once

#include <span>

#include "session/context.hpp"
#include "session/door.hpp"
#include "session/publisher.hpp"
#include "session/session.hpp"

namespace signalbox::session {

/// Chooses and renders what a session's socket gets next: the rest of a long message, then answers, then
/// telemetry, then what was folded; at the end goodbye and the close frame.
class Sender {
 public:
  Sender(const Context& context, FramePool& frames, Publisher& publisher)
      : context_{context}, frames_{frames}, publisher_{publisher} {}

  /// Fills at most `into`, which must hold any but the long messages (2 KB).
  Outgoing next(Session& session, std::span<char> into, Instant now);
  /// Whether something waits. `next` may still give nothing: for want of a frame, or while a session that
  /// ends is owed answers.
  bool has_any(Session& session) const;
  /// Frees what is under way.
  void clear(Session& session);

 private:
  Outgoing answer(Session& session, AnswerPlace& place, std::span<char> into, Instant now);
  Outgoing success(Session& session, AnswerPlace& place, std::span<char> into, Instant now);
  Outgoing long_answer(Session& session, AnswerPlace& place, std::span<char> into, Instant now);
  Outgoing recover(Session& session, AnswerPlace& place, std::span<char> into, Instant now);
  std::string_view render_missed(Session& session, AnswerPlace& place, std::span<char> into, Instant now);
  Outgoing farewell(Session& session, std::span<char> into, Instant now);
  Outgoing metrics(Session& session, std::span<char> into, Instant now) const;
  Outgoing folded(Session& session, std::span<char> into, Instant now);
  Outgoing begin_transfer(Session& session, FrameId frame, std::span<char> into);
  Outgoing go_on(Session& session, std::span<char> into);
  void rendered(Session& session, AnswerPlace& place);
  void cannot_render(Session& session, AnswerPlace& place);

  const Context& context_;
  FramePool& frames_;
  Publisher& publisher_;
};

}  // namespace signalbox::session
