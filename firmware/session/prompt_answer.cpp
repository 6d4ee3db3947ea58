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

void PromptAnswer::give(const protocol::Told& told, const Error& too_long) {
  const Session& session = exchange_.session;
  const std::string_view text =
      session.dialect->encode(protocol::Answer{exchange_.header, told}, session.who(),
                              context_.view(exchange_.now), frames_.memory(frame_));
  if (text.empty()) return exchange_.fail(too_long);
  frames_.set_size(frame_, text.size());
  exchange_.session.outbox.finish_rendered(exchange_.place, std::exchange(frame_, kNoFrame));
}

}  // namespace signalbox::session
