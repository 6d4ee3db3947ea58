#pragma once

#include "session/context.hpp"
#include "session/exchange.hpp"
#include "session/frame_pool.hpp"

namespace signalbox::session {

/// Answers that show what is there only while the request is served, and so are written at once into a frame
/// of their own. One of them may wait: who asks for them and takes none must not use up everybody's frames.
class PromptAnswer {
 public:
  PromptAnswer(const Context& context, FramePool& frames, const Exchange& exchange)
      : context_{context}, frames_{frames}, exchange_{exchange} {}
  PromptAnswer(const PromptAnswer&) = delete;
  PromptAnswer& operator=(const PromptAnswer&) = delete;
  ~PromptAnswer() {
    if (frame_ != kNoFrame) frames_.let_go(frame_);
  }

  /// False where there is no room, which has been answered then. To be asked before anything is done that is
  /// lost without an answer.
  bool has_room();
  /// Gives the answer; `too_long` is what is at fault where it does not fit.
  void give(const protocol::Told& told, const Error& too_long);
  /// Writes it into its frame, which is the caller's from then on, for `Outbox::finish_rendered`; kNoFrame
  /// where it does not fit, which has been answered then.
  FrameId write(const protocol::Told& told, const Error& too_long);

 private:
  const Context& context_;
  FramePool& frames_;
  const Exchange& exchange_;
  FrameId frame_ = kNoFrame;
};

}  // namespace signalbox::session
