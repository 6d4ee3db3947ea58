#include "session/prompt_answer.hpp"

#include <utility>

namespace signalbox::session {

bool PromptAnswer::has_room() {
  if (exchange_.session.outbox.has_rendered()) {
    exchange_.fail({Reason::busy, "the last answer of this kind was not taken yet", {}, 100});
    return false;
  }
  frame_ = frames_.take_spare();
  if (frame_ == kNoFrame)
    exchange_.fail({Reason::overloaded, "no frame is free for the answer; try again", {}, 100});
  return frame_ != kNoFrame;
}

FrameId PromptAnswer::write(const protocol::Told& told, const Error& too_long) {
  const Session& session = exchange_.session;
  const std::string_view text =
      session.dialect->encode(protocol::Answer{exchange_.header, told}, session.who(),
                              context_.view(exchange_.now), frames_.memory(frame_));
  if (text.empty()) {
    exchange_.fail(too_long);
    return kNoFrame;
  }
  frames_.set_size(frame_, text.size());
  return std::exchange(frame_, kNoFrame);
}

void PromptAnswer::give(const protocol::Told& told, const Error& too_long) {
  const FrameId frame = write(told, too_long);
  if (frame != kNoFrame) exchange_.session.outbox.finish_rendered(exchange_.place, frame);
}

}  // namespace signalbox::session
